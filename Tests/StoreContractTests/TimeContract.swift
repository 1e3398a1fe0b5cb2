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

    /// A command whose clock is ahead may have committed a later time than ours: from then on it is ours, too.
    @Test func itFollowsWhatSomebodyElseHasCommitted() {
        let time = SteadyTime(wall: { [start] in start })
        let ahead = start + .minutes(24 * 60)
        time.advance(to: ahead)
        #expect(time.now() >= ahead)
        time.advance(to: start)
        #expect(time.now() >= ahead)
    }

    private final class Wall: Sendable {
        private let state: Mutex<Timestamp>

        init(_ moment: Timestamp) { state = Mutex(moment) }

        var moment: Timestamp { state.withLock { $0 } }

        func set(_ moment: Timestamp) { state.withLock { $0 = moment } }
    }
}
