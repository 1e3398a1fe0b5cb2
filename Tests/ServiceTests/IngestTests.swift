// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HashTreeCollections
import Rules
import SQL
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("Ingest: one ordered transaction, then the ack")
struct IngestTests {
    /// Promise 1.
    @Test func nothingIsSettledBeforeItsTransactionIsDurable() async throws {
        try await withService { fixture in
            let settlements = Settlements()
            fixture.faults.hold()
            for _ in 0..<3 {
                await fixture.ingest.submit(
                    Arrival(fixture.delivery("consultease/faculty/1/status", #"{"present":true}"#)) {
                        settlements.note($0)
                    })
            }
            await fixture.faults.writeIsHeld()
            #expect(settlements.list.isEmpty)
            #expect(fixture.board.snapshot.cards[.number(1)]?.availability.state == .unknown)
            fixture.faults.release()
            try await eventually("all settled") { settlements.list.count == 3 }
            let stored = try await fixture.store.read { try CardRepository($0).changes(since: .none).cards }
            #expect(stored.first { $0.id == .number(1) }?.availability.state == .available)
        }
    }

    /// Promise 10: messages that arrived before a stop are committed, and no more are accepted.
    @Test func drainingCommitsWhatCameInAndTakesNothingMore() async throws {
        try await withService { fixture in
            let settlements = Settlements()
            let ingest = Ingest(store: fixture.store, logger: quietLogger)
            fixture.faults.hold()
            // The task is awaited below.
            let sequencer = Task { await ingest.run() }
            let (late, word) = (Settlements(), fixture.delivery("consultease/faculty/1/status", #"{"present":true}"#))
            await ingest.submit(Arrival(word) { settlements.note($0) })
            await fixture.faults.writeIsHeld()
            await ingest.submit(Arrival(word) { settlements.note($0) })
            ingest.drain()
            await ingest.submit(Arrival(word) { late.note($0) })
            fixture.faults.release()
            await sequencer.value
            #expect(settlements.list.count == 2)
            #expect(late.list.isEmpty)
        }
    }

    /// Promise 11.
    @Test func aFailedCommitIsTriedAgainAndNothingIsSettledMeanwhile() async throws {
        try await withService { fixture in
            let settlements = Settlements()
            let busy = SQLError(code: .busy, message: "database is locked")
            let full = SQLError(code: .storage, message: "database or disk is full")
            fixture.faults.failNextWrites([busy, full, busy])
            fixture.faults.hold()
            await fixture.ingest.submit(
                Arrival(fixture.delivery("consultease/faculty/1/status", #"{"present":true}"#)) { settlements.note($0) }
            )
            await fixture.faults.writeIsHeld()
            fixture.faults.release()
            try await eventually("settled") { settlements.list.count == 1 }
            #expect(await fixture.card(.number(1))?.availability.state == .available)
            #expect(fixture.ingest.check().failure == nil)
        }
    }

    @Test func whileTheDatabaseFailsIngestIsNotHealthyAndSaysSinceWhen() async throws {
        try await withService { fixture in
            let since = fixture.store.now
            fixture.faults.failNextWrites(
                Array(repeating: SQLError(code: .storage, message: "disk is full"), count: 100_000))
            await fixture.ingest.submit(Arrival(fixture.delivery("consultease/faculty/1/status", #"{"present":true}"#)))
            try await eventually("a failure is noted") { fixture.ingest.check().failure != nil }
            #expect(fixture.ingest.check().failure?.detail.contains("disk is full") == true)
            #expect(fixture.ingest.check().failure?.since == since)
        }
    }

    /// Promise 5.
    @Test func oneMessageThatCannotBeStoredDoesNotUndoTheOthers() async throws {
        try await withService { fixture in
            try await fixture.store.write { transaction in
                try transaction.connection.script(
                    """
                    CREATE TRIGGER planned BEFORE INSERT ON presence WHEN NEW.faculty_id = 2
                    BEGIN SELECT RAISE(ABORT, 'planned'); END;
                    """)
            }
            let settlements = Settlements()
            fixture.faults.hold()
            await fixture.ingest.submit(Arrival(fixture.delivery("consultease/faculty/3/heartbeat", "{}")))
            await fixture.faults.writeIsHeld()
            for id in 1...3 {
                await fixture.ingest.submit(
                    Arrival(fixture.delivery("consultease/faculty/\(id)/status", #"{"present":true}"#)) {
                        settlements.note($0)
                    })
            }
            fixture.faults.release()
            try await eventually("all settled") { settlements.list.count == 3 }
            #expect(await fixture.card(.number(1))?.availability.state == .available)
            #expect(await fixture.card(.number(2))?.availability.state == .unknown)
            #expect(await fixture.card(.number(3))?.availability.state == .available)
            let counts = try await fixture.store.read { try RefusalRepository($0).counts() }
            #expect(counts.map(\.cause.reason) == [RefusalReason.notStorable.rawValue])
        }
    }

    /// Promise 10.
    @Test func refusalsAreCountedByUnitAndReasonAndNamesAreMasked() async throws {
        try await withService { fixture in
            for _ in 0..<7 {
                _ = await fixture.send(
                    "consultease/faculty/1/status", #"{"present":"false","faculty_name":"Dr. Maria Santos"}"#)
            }
            _ = await fixture.send("consultease/faculty/4711/status", #"{"present":true}"#)
            let counts = try await fixture.store.read { try RefusalRepository($0).counts() }
            let byCause = Dictionary(uniqueKeysWithValues: counts.map { ($0.cause, $0.count) })
            let bad = RefusalRepository.Cause(unit: "d1-1", reason: RefusalReason.badPresent.rawValue)
            #expect(byCause[bad] == 7)
            #expect(byCause[.init(unit: "", reason: RefusalReason.unknownFaculty.rawValue)] == 1)
            let samples = try await fixture.store.read { try RefusalRepository($0).samples(of: bad) }
            #expect(samples.count == 5)
            #expect(samples.allSatisfy { !$0.payload.contains("Santos") })
        }
    }

    /// Promises 1, 3 and 9; rule 6.
    @Test func aRetainedLastWordNeverMakesAnybodyAvailable() async throws {
        try await withService { fixture in
            let settlement = await fixture.send("consultease/faculty/1/status", #"{"present":true}"#, isRetained: true)
            guard case .committed(.accepted, _) = settlement else {
                Issue.record("not accepted: \(String(describing: settlement))")
                return
            }
            #expect(await fixture.card(.number(1))?.availability.state == .unknown)
            _ = await fixture.send("consultease/faculty/1/status", #"{"present":true,"timestamp":5000}"#)
            #expect(await fixture.card(.number(1))?.availability.state == .available)
        }
    }

    /// Promise 9: the broker's retained report contradicts the stored one, so a report was lost.
    @Test func aContradictingRetainedReportMakesNoPersonAvailable() async throws {
        try await withService { fixture in
            _ = await fixture.send("consultease/faculty/1/status", #"{"present":true,"timestamp":5000}"#)
            #expect(await fixture.card(.number(1))?.availability.state == .available)
            _ = await fixture.send("consultease/faculty/1/status", #"{"present":false}"#, isRetained: true)
            #expect(await fixture.card(.number(1))?.availability.state == .unknown)
            _ = await fixture.send("consultease/faculty/1/heartbeat", "{}")
            #expect(await fixture.card(.number(1))?.availability.state == .unknown)
        }
    }

    /// Promise 9: a unit restarts again and again, and reports nothing about its person.
    @Test func aUnitThatOnlyConnectsKeepsNoPersonAvailable() async throws {
        try await withService { fixture in
            let unit = try #require(UnitID("desk-1"))
            try await fixture.store.write { try UnitRepository($0).add(unit, dialect: .two, faculty: .number(1)) }
            let topic = "consultease/v2/unit/desk-1"
            _ = await fixture.send(
                "\(topic)/event", #"{"boot":"b0000001","seq":1,"type":"presence","present":true}"#)
            #expect(await fixture.card(.number(1))?.availability.state == .available)
            _ = await fixture.send("\(topic)/state", #"{"online":true,"boot":"b0000001"}"#)
            #expect(await fixture.card(.number(1))?.availability.state == .available)
            for boot in 0..<5 {
                _ = await fixture.send("\(topic)/state", #"{"online":true,"boot":"c000000\#(boot)"}"#)
                #expect(await fixture.card(.number(1))?.availability.state == .unknown)
                fixture.time.advance(by: .seconds(60))
            }
            _ = await fixture.send(
                "\(topic)/event", #"{"boot":"c0000004","seq":1,"type":"presence","present":true}"#)
            #expect(await fixture.card(.number(1))?.availability.state == .available)
        }
    }

    @Test func aDeadUnitIsUnknownNotAway() async throws {
        try await withService { fixture in
            _ = await fixture.send("consultease/faculty/1/status", #"{"present":true}"#)
            #expect(await fixture.card(.number(1))?.availability.state == .available)
            // A unit without a known rhythm may be silent for 15 minutes (rule 7).
            fixture.time.advance(by: .minutes(15))
            try await eventually("the silence is committed") {
                fixture.board.snapshot.cards[.number(1)]?.availability.state == .unknown
            }
            #expect(fixture.board.snapshot.cards[.number(1)]?.availability.lastKnown == .present)
        }
    }

    /// Acknowledgements leave in order, so a message whose refusal can't be recorded must not hold back the others for
    /// ever.
    @Test func aRefusalThatCannotBeRecordedIsTriedAgain() async throws {
        try await withService { fixture in
            let wrong = SQLError(code: .unexpectedValue, message: "a row that can't be read")
            fixture.faults.failNextWrites([wrong, wrong, wrong])
            let settlement = await fixture.send("consultease/faculty/1/status", #"{"present":true}"#)
            guard case .committed(.refused(let refusal), _) = settlement else {
                Issue.record("not refused: \(String(describing: settlement))")
                return
            }
            #expect(refusal.reason == .notStorable)
            guard
                case .committed(.accepted, _) = await fixture.send("consultease/faculty/1/status", #"{"present":true}"#)
            else {
                Issue.record("what follows is held back")
                return
            }
        }
    }

    /// After the sequencer has ended, a full queue blocks no caller: otherwise the process could not end.
    @Test func aWaiterForRoomGoesOnWhenIngestEnds() async throws {
        try await withStore { fixture in
            let ingest = Ingest(store: fixture.store, logger: quietLogger, queueLimit: 1)
            let delivery = Delivery(
                topic: "consultease/faculty/1/status", payload: [], isRetained: false, arrivedAt: fixture.store.now)
            await ingest.submit(Arrival(delivery))
            let waiting = Task { await ingest.submit(Arrival(delivery)) }
            let running = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await ingest.run()
            }
            await running.value
            _ = await waiting.value
        }
    }

    @Test func aCancelledWaiterForRoomGoesOn() async throws {
        try await withStore { fixture in
            let ingest = Ingest(store: fixture.store, logger: quietLogger, queueLimit: 1)
            let delivery = Delivery(
                topic: "consultease/faculty/1/status", payload: [], isRetained: false, arrivedAt: fixture.store.now)
            await ingest.submit(Arrival(delivery))
            let waiting = Task { await ingest.submit(Arrival(delivery)) }
            waiting.cancel()
            _ = await waiting.value
        }
    }
}
