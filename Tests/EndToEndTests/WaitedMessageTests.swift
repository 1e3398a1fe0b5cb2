// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import MQTT
import SQL
import Service
import Store
import TestSupport
import Testing
import Wire

/// The broker runs while no server reads: its messages are older than the moment at which they are read.
@Suite("Promise 9: messages that waited at a real broker", .timeLimit(.minutes(5)))
struct WaitedMessageTests {
    private struct Office: Sendable {
        let store: Store
        let time: ManualTime
        let connection: BrokerConnection
        let unit: UnitID

        func presence() async throws -> Presence? { try await world().presences[.number(1)] }
        func heardAt() async throws -> Timestamp? { try await world().units[unit]?.link.heardAt }
        func shown() async throws -> AvailabilityState? {
            try await store.read { try CardRepository($0).changes(since: .none) }.cards.first?.availability.state
        }

        private func world() async throws -> World {
            var keys = WorldKeys()
            keys.units = [unit]
            keys.faculty = [.number(1)]
            return try await store.read { [keys] in try WorldRepository($0).load(keys) }
        }

        /// Runs `body` while a server reads.
        func whileServing(
            callInterval: Duration = .seconds(5), _ body: @Sendable (DeskEdge) async throws -> Void
        ) async throws {
            let term = try await store.engine.lead()
            let ingest = Ingest(store: store, writer: term, logger: quietLogger)
            let edge = DeskEdge(
                broker: connection, ingest: ingest, store: store, term: term, callInterval: callInterval,
                logger: quietLogger)
            let sequencer = Task { await ingest.run() }
            let running = Task { try await edge.run() }
            do {
                try await eventually("the server has its session") { edge.check().failure == nil }
                try await body(edge)
            } catch {
                running.cancel()
                sequencer.cancel()
                throw error
            }
            running.cancel()
            _ = await running.result
            ingest.drain()
            await sequencer.value
            await term.resign()
        }
    }

    private func withUnitAtItsDesk(_ body: @Sendable (Office, MQTTClient) async throws -> Void) async throws {
        try await withOffice { fixture, broker in
            let office = Office(
                store: fixture.store, time: fixture.time, connection: broker.connection,
                unit: try #require(UnitID("desk-1")))
            try await broker.withUnit("desk-1", listens: false) { unit in try await body(office, unit) }
        }
    }

    private func say(_ client: MQTTClient, _ seq: Int, _ rest: String) async throws {
        let outcome = try await client.publish(
            topic: "consultease/v2/unit/desk-1/event",
            payload: Array(#"{"boot":"b0000001","seq":\#(seq),\#(rest)}"#.utf8))
        #expect(outcome == .acknowledged(.success))
    }

    @Test func aPersonOfAnHourOldQueuedReportIsUnknownUntilTheUnitSpeaks() async throws {
        try await withUnitAtItsDesk { office, unit in
            try await office.whileServing { _ in
                try await say(unit, 1, #""type":"presence","present":false"#)
                try await eventually("away") { try await office.presence()?.state == .absent }
            }
            let heardAt = try #require(try await office.heardAt())
            try await say(unit, 2, #""type":"presence","present":true"#)
            office.time.advance(by: .minutes(60))
            try await office.whileServing { _ in
                try await eventually("the word was read") { try await office.presence()?.state == .present }
                #expect(try await office.heardAt() == heardAt)
                #expect(try await office.shown() == .unknown)
                var seq = 3
                // The test can't see whether an echo came before the message, so the unit sends until one
                // counts.
                try await eventually("what it says now counts") {
                    try await say(unit, seq, #""type":"beat""#)
                    seq += 1
                    return try await office.shown() == .available
                }
                #expect(try await office.heardAt() == office.time.now())
            }
        }
    }

    /// The queue holds more messages of both kinds than Receive Maximum, alternating: mosquitto 2.0 treats some QoS 1
    /// messages as sent. See `QueueAgeEstimator.mustRenew`.
    @Test func aLongQueueOfBothKindsIsReadWhole() async throws {
        try await withUnitAtItsDesk { office, unit in
            try await office.whileServing { _ in try await say(unit, 1, #""type":"beat""#) }
            for seq in 2..<1200 {
                try await say(unit, seq, #""type":"beat""#)
                _ = try await unit.publish(
                    topic: "consultease/v2/unit/desk-1/state", payload: Array("{}".utf8), qos: .atMostOnce)
            }
            try await say(unit, 1200, #""type":"presence","present":true"#)
            try await office.whileServing(callInterval: .milliseconds(500)) { edge in
                try await eventually("what waited behind them is read") {
                    try await office.presence()?.state == .present
                }
                var seq = 1201
                try await eventually("the unit counts as heard now") {
                    try await say(unit, seq, #""type":"beat""#)
                    seq += 1
                    return try await office.shown() == .available
                }
                let last = seq - 1
                try await eventually("every event was applied") {
                    let row = try await office.store.read {
                        try $0.connection.first("SELECT seen FROM unit_boot")
                    }
                    return try row?.get(0) == "1-\(last)"
                }
                #expect(edge.check().failure == nil)
            }
        }
    }
}
