// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import SQL
import Service
import Store
import Synchronization
import TestSupport
import Testing
import Wire

/// Promise 5: one slow update never blocks another. An operator at a SQL prompt has locked one row.
@Suite("Ingest beside a locked row", .timeLimit(.minutes(3)))
struct LockedRowTests {
    /// Locks the presence of faculty 1 while `body` runs, like a transaction left open at a SQL prompt.
    private func withLockedPresence(
        _ fixture: StoreFixture, _ body: (_ release: () async throws -> Void) async throws -> Void
    ) async throws {
        let postgres = try #require(fixture.postgres)
        let sleeping = "query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
        // The task ends when it is released below.
        let prompt = Task {
            try? await fixture.outside(
                "BEGIN; SELECT 1 FROM presence WHERE faculty_id = 1 FOR UPDATE; SELECT pg_sleep(600)")
        }
        try await eventually("the row is locked") {
            try await fixture.outside(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'active' AND \(sleeping)
                """
            ).contains("1")
        }
        func release() async throws {
            _ = try await postgres.server.terminateBackends(of: postgres.url, where: sleeping)
        }
        do {
            try await body(release)
        } catch {
            try await release()
            throw error
        }
        try await release()
        _ = await prompt.value
    }

    @Test func messagesThatNeedTheRowWaitInOrderAndOthersGoOn() async throws {
        try await withStore(.postgreSQL) { fixture in
            try await fixture.store.write { transaction in
                for number in 1...3 as ClosedRange<Int64> {
                    try FacultyRepository(transaction).add(
                        FacultyProfile(name: "Dr. Person \(number)", department: "Law"), id: .number(number),
                        beacon: nil)
                }
                guard let unit = UnitID("desk-1") else { return }
                try UnitRepository(transaction).add(unit, dialect: .two, faculty: .number(1))
            }
            let ingest = Ingest(store: fixture.store, logger: quietLogger)
            let settled = SettledNames()
            func send(_ name: String, _ topic: String, _ payload: String) async {
                let delivery = Delivery(
                    topic: "consultease/\(topic)", payload: Array(payload.utf8), isRetained: false,
                    arrivedAt: fixture.store.now)
                await ingest.submit(Arrival(delivery) { settled.note(name, $0) })
            }
            // The task ends below.
            let sequencer = Task { await ingest.run() }
            await send("before", "faculty/1/status", #"{"present":true,"timestamp":1000}"#)
            try await eventually("the row is there") { settled.names == ["before"] }
            try await withLockedPresence(fixture) { release in
                // All messages form one batch, whose first message needs the row.
                fixture.faults.hold()
                await send("first", "faculty/3/heartbeat", "{}")
                await fixture.faults.writeIsHeld()
                await send("1a", "faculty/1/status", #"{"present":false,"timestamp":2000}"#)
                await send("2a", "faculty/2/status", #"{"present":true}"#)
                await send(
                    "1b", "v2/unit/desk-1/event", #"{"boot":"b0000001","seq":1,"type":"presence","present":true}"#)
                await send("3a", "faculty/3/status", #"{"present":true}"#)
                fixture.faults.release()
                try await eventually("all other messages are committed") {
                    Set(settled.names).isSuperset(of: ["2a", "3a"])
                }
                // From now on only the message that needs the row waits for the lock.
                await send("1c", "v2/unit/desk-1/event", #"{"boot":"b0000001","seq":2,"type":"beat"}"#)
                await send("2b", "faculty/2/status", #"{"present":false}"#)
                try await eventually("what comes later is committed") { settled.names.contains("2b") }
                #expect(settled.names.allSatisfy { !$0.hasPrefix("1") }, "\(settled.names)")
                fixture.time.advance(by: .seconds(6))
                #expect(ingest.check().failure?.detail.contains("locked") == true)
                try await release()
                try await eventually("what waited is committed") { settled.names.contains("1c") }
            }
            #expect(settled.names.filter { $0.hasPrefix("1") } == ["1a", "1b", "1c"])
            #expect(settled.refusals.isEmpty)
            try await eventually("what was held back is forgotten, however quiet it is") {
                fixture.time.advance(by: .seconds(6))
                return ingest.check().failure == nil
            }
            let row = try await fixture.store.read {
                try $0.connection.first("SELECT state, unit_id FROM presence WHERE faculty_id = 1")
            }
            #expect(try row?.get(0) == PresenceState.present && row?.get(1) == UnitID("desk-1"))
            ingest.drain()
            await sequencer.value
        }
    }

    /// A waiting message is not written if the server stops meanwhile: the broker still has it.
    @Test func aWaiterDoesNotKeepTheSequencerFromEnding() async throws {
        try await withStore(.postgreSQL) { fixture in
            try await fixture.store.write { transaction in
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. A", department: "Law"), id: .number(1), beacon: nil)
            }
            let ingest = Ingest(store: fixture.store, logger: quietLogger)
            let settled = SettledNames()
            let sequencer = Task { await ingest.run() }
            func send(_ name: String, _ payload: String) async {
                let delivery = Delivery(
                    topic: "consultease/faculty/1/status", payload: Array(payload.utf8), isRetained: false,
                    arrivedAt: fixture.store.now)
                await ingest.submit(Arrival(delivery) { settled.note(name, $0) })
            }
            await send("before", #"{"present":true}"#)
            try await eventually("the row is there") { settled.names == ["before"] }
            try await withLockedPresence(fixture) { _ in
                await send("held", #"{"present":false}"#)
                try await eventually("it is held back") {
                    fixture.time.advance(by: .seconds(6))
                    return ingest.check().failure?.detail.contains("locked") == true
                }
                ingest.drain()
                sequencer.cancel()
                await sequencer.value
                #expect(settled.names == ["before"])
            }
        }
    }
}

/// Records which messages were settled, in that order, and which of them were refused.
private final class SettledNames: Sendable {
    private let all = Mutex<[(name: String, isRefused: Bool)]>([])

    var names: [String] { all.withLock { $0.map(\.name) } }
    var refusals: [String] { all.withLock { $0.filter(\.isRefused).map(\.name) } }

    func note(_ name: String, _ settlement: Settlement) {
        let isRefused = if case .committed(.refused, _) = settlement { true } else { false }
        all.withLock { $0.append((name, isRefused)) }
    }
}
