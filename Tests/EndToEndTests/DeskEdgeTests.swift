// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import HashTreeCollections
import MQTT
import Rules
import SQL
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("The MQTT edge over a real broker", .timeLimit(.minutes(5)))
struct DeskEdgeTests {
    private func withDeskUnit(
        _ body: @Sendable (DeskFixture, MQTTClient) async throws -> Void
    ) async throws {
        try await withDesk { desk in
            try desk.broker.admit(["desk-1"])
            try await desk.store.addUnits(["desk-1"])
            try await desk.broker.withUnit("desk-1") { try await body(desk, $0) }
        }
    }

    private func event(_ seq: Int, _ rest: String) -> [UInt8] {
        Array(#"{"boot":"b0000001","seq":\#(seq),\#(rest)}"#.utf8)
    }

    /// Promise 1 over MQTT: while the commit is held back, neither the unit nor the broker gets an acknowledgement.
    @Test func theUnitIsToldOnlyAfterTheCommit() async throws {
        try await withDeskUnit { desk, client in
            desk.faults.hold()
            _ = try await client.publish(
                topic: "consultease/v2/unit/desk-1/event", payload: event(1, #""type":"presence","present":true"#),
                qos: .atLeastOnce, retain: false)
            await desk.faults.writeIsHeld()
            #expect(client.status.counters.messagesReceived == 0)
            #expect(desk.board.snapshot.cards[.number(1)]?.availability.state == .unknown)
            desk.faults.release()
            for await message in client.messages {
                message.ack()
                #expect(String(decoding: message.payload, as: UTF8.self).contains(#""result":"stored""#))
                break
            }
            let stored = try await desk.store.read { try CardRepository($0).changes(since: .none).cards }
            #expect(stored.first { $0.id == .number(1) }?.availability.state == .available)
        }
    }

    /// Rules 12 and 16: every duplicate is acknowledged again, and changes nothing.
    @Test func everyDuplicateIsAcknowledgedAgain() async throws {
        try await withDeskUnit { desk, client in
            for _ in 0..<3 {
                _ = try await client.publish(
                    topic: "consultease/v2/unit/desk-1/event", payload: event(1, #""type":"presence","present":true"#),
                    qos: .atLeastOnce, retain: false)
            }
            var results: [String] = []
            for await message in client.messages {
                message.ack()
                results.append(String(decoding: message.payload, as: UTF8.self))
                if results.count == 3 { break }
            }
            #expect(results.filter { $0.contains("stored") }.count == 1)
            #expect(results.filter { $0.contains("duplicate") }.count == 2)
            let version = try await desk.store.read { transaction in
                try transaction.connection.first("SELECT version FROM presence WHERE faculty_id = 1")?.get(
                    0, as: Int64.self)
            }
            #expect(version == 1)
        }
    }

    /// Rule 19.
    @Test func aUnitCannotSpeakAsAnother() async throws {
        try await withDeskUnit { desk, client in
            let outcome = try await client.publish(
                topic: "consultease/v2/unit/desk-2/event", payload: event(1, #""type":"beat""#), qos: .atLeastOnce,
                retain: false)
            guard case .refused(let code, _) = outcome else {
                Issue.record("the broker took it: \(outcome)")
                return
            }
            #expect(code == .notAuthorized)
        }
    }

    @Test func aClientWithoutACredentialIsRefused() async throws {
        try await withDesk { desk in
            let desks = desk.broker.desks
            var configuration = ClientConfiguration(
                address: .tcp(host: desks.host, port: desks.port), clientID: "stranger")
            configuration.credentials = Credentials(userName: "server", password: "guess")
            let client = MQTTClient(configuration: configuration, logger: quietLogger)
            let running = Task { try await client.run() }
            try await eventually("an attempt failed") { client.status.counters.failedAttempts > 0 }
            #expect(client.status.counters.connections == 0)
            running.cancel()
            _ = await running.result
        }
    }
}
