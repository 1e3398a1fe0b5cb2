// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Synchronization

/// What time it is, for everything that is stored or shown. Injected, so that a test can drive a day in a second.
package protocol TimeSource: Sendable {
    func now() -> Timestamp

    /// Never tell an earlier time than this again: somebody has committed it, perhaps a command whose clock was ahead.
    func advance(to moment: Timestamp)
}

/// Wall clock at start plus monotonic time since: never goes back, whatever is done to the wall clock.
///
/// Moved forward only, and once the wall clock has been ahead for 60 s: a clock set late by NTP is believed in the end, a
/// jump that is taken back is not.
package final class SteadyTime: TimeSource {
    private let clock: ContinuousClock
    private let wall: @Sendable () -> Timestamp
    private let state: Mutex<State>

    private struct State {
        var base: Timestamp
        var start: ContinuousClock.Instant
        var aheadSince: ContinuousClock.Instant?
    }

    private static let patience = Duration.seconds(60)
    /// Less than this is drift, not a step.
    private static let slack = Span.seconds(1)

    package init(wall: @escaping @Sendable () -> Timestamp, lastCommitted: Timestamp? = nil) {
        clock = ContinuousClock()
        self.wall = wall
        let start = wall()
        state = Mutex(State(base: lastCommitted.map { max($0, start) } ?? start, start: clock.now))
    }

    package func advance(to moment: Timestamp) {
        let instant = clock.now
        state.withLock { state in
            let steady = state.base + Span(state.start.duration(to: instant))
            if moment > steady { state = State(base: moment, start: instant) }
        }
    }

    package func now() -> Timestamp {
        let wallNow = wall()
        let instant = clock.now
        return state.withLock { state in
            let steady = state.base + Span(state.start.duration(to: instant))
            guard wallNow > steady + Self.slack else {
                state.aheadSince = nil
                return steady
            }
            guard let aheadSince = state.aheadSince else {
                state.aheadSince = instant
                return steady
            }
            guard aheadSince.duration(to: instant) >= Self.patience else { return steady }
            state = State(base: wallNow, start: instant)
            return wallNow
        }
    }
}

extension Span {
    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
