// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import MQTT
import SQL
import Service
import Store
import TestSupport
import Testing

@Suite("Received messages when the edge stops", .timeLimit(.minutes(5)))
struct HandOverTests {
    private struct Edge: Sendable {
        let fixture: StoreFixture
        let edge: DeskEdge
        let ingest: Ingest
        let broker: BrokerFixture

        /// Returns the numbers of the committed events, as the table holds them.
        func seen() async throws -> String? {
            try await fixture.store.read {
                try $0.connection.first("SELECT seen FROM unit_boot WHERE unit_id = 'desk-1'")
            }?.get(0)
        }
    }

    /// Makes a broker, and an edge whose sequencer has room for `queueLimit` messages; neither the edge nor the
    /// sequencer runs yet.
    private func withEdge(
        queueLimit: Int, handoverTimeout: Duration = .seconds(2), _ body: @Sendable (Edge) async throws -> Void
    ) async throws {
        try await withOffice { fixture, broker in
            let term = try await fixture.store.engine.lead()
            let ingest = Ingest(
                store: fixture.store, writer: term, logger: quietLogger, queueLimit: queueLimit,
                pace: BatchPace(most: 1))
            // The connection ignores the broker's count of dropped messages, which would arrive as one more
            // message.
            let connection = BrokerConnection(
                address: broker.connection.address, clientID: broker.connection.clientID,
                credentials: broker.connection.credentials)
            let edge = DeskEdge(
                broker: connection, ingest: ingest, store: fixture.store, term: term,
                handoverTimeout: handoverTimeout,
                callInterval: .seconds(3600), logger: quietLogger)
            try await body(Edge(fixture: fixture, edge: edge, ingest: ingest, broker: broker))
        }
    }

    /// Sends this many events at QoS 0, which the broker doesn't acknowledge.
    private func say(_ count: Int, _ edge: Edge) async throws {
        try await edge.broker.withUnit("desk-1", listens: false) { client in
            for seq in 1...count {
                _ = try await client.publish(
                    topic: "consultease/v2/unit/desk-1/event",
                    payload: Array(#"{"boot":"b0000001","seq":\#(seq),"type":"beat"}"#.utf8), qos: .atMostOnce)
            }
        }
    }

    /// Promise 1: no other copy of a QoS 0 message exists.
    @Test func itIsCommitted() async throws {
        try await withEdge(queueLimit: 2, handoverTimeout: .seconds(60)) { edge in
            let running = Task { try await edge.edge.run() }
            try await eventually("the server has its session") { edge.edge.check().failure == nil }
            edge.fixture.faults.hold()
            let sequencer = Task { await edge.ingest.run() }
            try await say(60, edge)
            try await eventually("the edge has them, and one echo") { edge.edge.received == 61 }
            #expect(try await edge.seen() == nil)
            running.cancel()
            edge.fixture.faults.release()
            _ = await running.result
            edge.ingest.drain()
            await sequencer.value
            #expect(try await edge.seen() == "1-60")
        }
    }

    /// A database that accepts no more writes doesn't delay the end.
    @Test func aFailingCommitDoesNotDelayTheEnd() async throws {
        try await withEdge(queueLimit: 2) { edge in
            let running = Task { try await edge.edge.run() }
            try await eventually("the server has its session") { edge.edge.check().failure == nil }
            edge.fixture.faults.hold()
            let sequencer = Task { await edge.ingest.run() }
            try await say(20, edge)
            try await eventually("the edge has them, and one echo") { edge.edge.received == 21 }
            running.cancel()
            _ = await running.result
            #expect(try await edge.seen() == nil)
            sequencer.cancel()
            edge.fixture.faults.release()
            await sequencer.value
        }
    }
}
