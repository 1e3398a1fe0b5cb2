// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import Synchronization
import Testing

@Suite("Time never goes back")
struct TimeContract {
    private let start = Timestamp(milliseconds: 1_000_000)

    @Test func itBeginsNotBeforeTheLastCommit() {
        let ahead = start + .minutes(60)
        let time = SteadyTime(wall: { [start] in start }, lastCommitted: ahead)
        #expect(time.now() >= ahead)
    }

    @Test func aWallClockThatIsSetBackChangesNothing() {
        let shared = Wall(start)
        let time = SteadyTime(wall: { shared.moment })
        let before = time.now()
        shared.set(start - .minutes(60))
        #expect(time.now() >= before)
    }

    /// A command whose clock is ahead may have committed a later time; from then on, this clock is at least there.
    @Test func itFollowsCommitsOfOtherProcesses() {
        let time = SteadyTime(wall: { [start] in start })
        let ahead = start + .minutes(24 * 60)
        time.advance(to: ahead)
        #expect(time.now() >= ahead)
        time.advance(to: start)
        #expect(time.now() >= ahead)
    }

    @Test func aStepForwardIsBelievedOnceItHasStayedForLongEnoughAndIsToldApartFromTimeThatWentBy() {
        let shared = Wall(start)
        let doubting = SteadyTime(wall: { shared.moment }, trustDelay: .seconds(3600))
        let believing = SteadyTime(wall: { shared.moment }, trustDelay: .zero)
        shared.set(start + .minutes(60))
        #expect(doubting.read().stepped == .zero)
        #expect(doubting.now() < start + .minutes(1))
        let reading = believing.read()
        #expect(reading.moment >= start + .minutes(60))
        #expect(reading.stepped > .minutes(59) && reading.stepped <= .minutes(60))
        #expect(believing.read().stepped == reading.stepped, "a step is counted once")
    }

    /// A wall clock that is corrected again within the delay has no effect, however often that happens.
    @Test func aStepThatIsTakenBackIsForgotten() {
        let shared = Wall(start)
        let time = SteadyTime(wall: { shared.moment }, trustDelay: .seconds(3600))
        for _ in 0..<3 {
            shared.set(start + .minutes(60))
            _ = time.read()
            shared.set(start)
            #expect(time.read().stepped == .zero)
        }
        #expect(time.now() < start + .minutes(1))
    }

    /// Several servers on one database share one wall clock: the database's.
    @Test func theClockOfTheDatabaseIsBelievedAndTheMachinesIsNot() {
        let wrong = start + .minutes(600)
        let time = SteadyTime(wall: { wrong }, databaseClock: start, trustDelay: .zero)
        #expect(time.now() < start + .minutes(1))
        time.observe(databaseClock: start + .minutes(60))
        #expect(time.now() >= start + .minutes(60))
        #expect(time.now() < start + .minutes(61))
    }

    @Test func followingWhatSomebodyElseHasCommittedIsAStepToo() {
        let time = SteadyTime(wall: { [start] in start })
        time.advance(to: start + .minutes(60))
        #expect(time.read().stepped > .minutes(59))
    }

    private final class Wall: Sendable {
        private let state: Mutex<Timestamp>

        init(_ moment: Timestamp) { state = Mutex(moment) }

        var moment: Timestamp { state.withLock { $0 } }

        func set(_ moment: Timestamp) { state.withLock { $0 = moment } }
    }
}
