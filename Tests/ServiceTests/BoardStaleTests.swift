// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import TestSupport
import Testing

@testable import Service

/// Promise 9: the server calls no state live that the database doesn't confirm.
@Suite("The board: in doubt")
struct BoardStaleTests {
    @Test func aNewSubscriberGetsNoBeatWhileTheBoardIsStale() async throws {
        try await withService(engine: .sqliteInMemory) { fixture in
            // No keeper refreshes this board.
            let board = try await Board(store: fixture.store, logger: quietLogger)
            let early = board.subscribe(department: nil, after: nil) {}
            defer { early.cancel() }
            let confirmed = fixture.store.now
            fixture.time.advance(by: .seconds(5))
            try await eventually("the board is stale") { board.staleAt != nil }
            #expect(board.staleAt == confirmed)
            let late = board.subscribe(department: nil, after: nil) {}
            defer { late.cancel() }
            for subscription in [early, late] {
                #expect(subscription.nextFrame()?.kind == .snapshot)
                #expect(subscription.takeBeat() == nil)
            }
            board.confirm()
            #expect(board.staleAt == nil)
            board.beat()
            #expect(late.takeBeat() == board.snapshot.tag)
        }
    }

    @Test func aDatabaseThatAnswersIsBelievedWhileTheBoardCatchesUp() {
        let (start, moment) = (ContinuousClock.now, Timestamp(milliseconds: 1_000_000))
        var trust = BoardTrust(moment: moment, at: start)
        func at(_ seconds: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }
        func now(_ seconds: Int64) -> Timestamp { moment + .seconds(seconds) }
        #expect(trust.doubt(at: at(3)) == nil)
        #expect(trust.doubt(at: at(4)) == .unanswered)
        // A hundred thousand people were imported, and reading them takes time.
        for second in 1...60 {
            trust.answer(behindSince: at(1), isOverdue: false, moment: now(Int64(second)), at: at(second))
            #expect(trust.doubt(at: at(second)) == nil)
        }
        #expect(trust.moment == moment, "what came since is not on the board")
        trust.answer(behindSince: at(1), isOverdue: false, moment: now(62), at: at(62))
        #expect(trust.doubt(at: at(62)) == .behind)
        trust.succeed(asOf: now(61))
        trust.answer(behindSince: nil, isOverdue: false, moment: now(63), at: at(63))
        #expect(trust.doubt(at: at(63)) == nil)
        #expect(trust.moment == now(63))
    }

    @Test func aBoardThatCannotFollowOrWhoseChangesStayOverdueIsStaleAfterItsTimeout() {
        let (start, moment) = (ContinuousClock.now, Timestamp(milliseconds: 1_000_000))
        func at(_ seconds: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }
        var trust = BoardTrust(moment: moment, at: start)
        trust.fail(at: at(0))
        for second in 1...4 {
            trust.answer(behindSince: at(0), isOverdue: false, moment: moment, at: at(second))
            trust.fail(at: at(second))
        }
        #expect(trust.doubt(at: at(3)) == nil)
        #expect(trust.doubt(at: at(4)) == .failing)
        trust.succeed(asOf: moment)
        #expect(trust.doubt(at: at(4)) == nil)
        for second in 5...15 {
            trust.answer(behindSince: nil, isOverdue: true, moment: moment, at: at(second))
            #expect(trust.doubt(at: at(second)) == nil)
        }
        trust.answer(behindSince: nil, isOverdue: true, moment: moment, at: at(16))
        #expect(trust.doubt(at: at(16)) == .overdue)
        trust.answer(behindSince: nil, isOverdue: false, moment: moment, at: at(17))
        #expect(trust.doubt(at: at(17)) == nil)
    }

    /// A waiting writer, in this program or another, doesn't affect what readers see.
    @Test func aLockOfAnotherProgramKeepsNoScreenFromHearingThatItIsLive() async throws {
        try await withService(engine: .sqliteFile) { fixture in
            let file = try #require(fixture.file)
            let subscription = fixture.board.subscribe(department: nil, after: fixture.board.snapshot.tag) {}
            defer { subscription.cancel() }
            try await eventually("a beat") { subscription.takeBeat() != nil }
            let seconds = 6
            // The task is awaited below.
            let prompt = Task {
                try await outsider("BEGIN IMMEDIATE", ".shell sleep \(seconds)", "COMMIT", on: file)
            }
            try await eventually("the file is locked") {
                do {
                    try await outsider("PRAGMA busy_timeout = 0", "BEGIN IMMEDIATE", "ROLLBACK", on: file)
                    return false
                } catch is OutsiderError {
                    return true
                }
            }
            let held = ContinuousClock.now
            // Its batch waits for the lock, and everything after it on the same connection waits too.
            async let settlement = fixture.send("consultease/faculty/1/status", #"{"present":true}"#)
            var (looked, stalled) = (ContinuousClock.now, ContinuousClock.now)
            try await eventually("four seconds and more have gone by") {
                // A pause of the whole machine says nothing about waiting for a lock.
                if looked.duration(to: .now) > .milliseconds(200) { stalled = .now }
                looked = .now
                #expect(fixture.board.staleAt == nil || stalled.duration(to: .now) < BoardTrust.answerTimeout * 2)
                return held.duration(to: .now) > .milliseconds(4500)
            }
            #expect(fixture.board.snapshot.card(of: .number(1))?.availability.state == .unknown, "no write came")
            _ = try await prompt.value
            guard case .committed = await settlement else {
                Issue.record("not committed")
                return
            }
            #expect(await fixture.card(.number(1))?.availability.state == .available)
        }
    }

    @Test func oneLookServesAllWhoAskMeanwhile() {
        var looks = BoardLooks()
        let first = looks.want()
        #expect(looks.want() == first && looks.isWanted)
        #expect(looks.begin() == first)
        #expect(!looks.isWanted)
        let late = looks.want()
        #expect(late == first + 1, "a look that has begun may not show what its asker knows")
        looks.end(first)
        #expect(looks.isDone(first) && !looks.isDone(late) && looks.isWanted)
        let second = looks.begin()
        looks.fail()
        #expect(looks.isWanted && !looks.isDone(second), "no reader was answered")
        looks.end(looks.begin())
        #expect(looks.isDone(late))
    }

    @Test func aReaderGetsALookWithinItsTimeout() async throws {
        try await withService(engine: .sqliteInMemory) { fixture in
            #expect(await fixture.board.hasLooked(within: .seconds(20)))
            let unkept = try await Board(store: fixture.store, logger: quietLogger)
            #expect(await unkept.hasLooked(within: .milliseconds(20)) == false)
            #expect(unkept.waiterCount == 0)
        }
    }
}
