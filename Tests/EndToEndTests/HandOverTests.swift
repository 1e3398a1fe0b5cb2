// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import MQTT
import SQL
import Service
import Store
import TestSupport
import Testing

@Suite("What had come in when the edge is told to stop", .timeLimit(.minutes(5)))
struct HandOverTests {
    private struct Edge: Sendable {
        let fixture: StoreFixture
        let edge: DeskEdge
        let ingest: Ingest
        let broker: BrokerFixture

        /// Numbers of the events that are committed, as the table has them.
        func seen() async throws -> String? {
            try await fixture.store.read {
                try $0.connection.first("SELECT seen FROM unit_boot WHERE unit_id = 'desk-1'")
            }?.get(0)
        }
    }

    /// A broker, and an edge whose sequencer has room for `queueLimit` messages; neither the edge nor the sequencer
    /// runs yet.
    private func withEdge(
        queueLimit: Int, handoverTimeout: Duration = .seconds(2), _ body: @Sendable (Edge) async throws -> Void
    ) async throws {
        try await withStore(.sqliteFile) { fixture in
            try await fixture.store.addPeople()
            try await fixture.store.addUnits(["desk-1"])
            try await withBroker(admitting: ["desk-1"]) { broker in
                let term = try await fixture.store.engine.lead()
                let ingest = Ingest(
                    store: fixture.store, writer: term, logger: quietLogger, queueLimit: queueLimit,
                    pace: BatchPace(most: 1))
                // Without the broker's count of what it dropped, which would be one message more.
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
    }

    /// Says so many events at QoS 0, which nobody acknowledges.
    private func say(_ count: Int, _ edge: Edge) async throws {
        try await edge.broker.withUnit("desk-1", listens: false) { client in
            for seq in 1...count {
                _ = try await client.publish(
                    topic: "consultease/v2/unit/desk-1/event",
                    payload: Array(#"{"boot":"b0000001","seq":\#(seq),"type":"beat"}"#.utf8), qos: .atMostOnce)
            }
        }
    }

    /// Promise 1: of QoS 0 nobody else has a copy.
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

    /// A database that takes nothing more keeps nobody from ending.
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
