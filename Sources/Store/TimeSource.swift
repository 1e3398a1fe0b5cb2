// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Synchronization

/// What time it is, for everything that is stored or shown. Injected, so that a test can drive a day in a second.
package protocol TimeSource: Sendable {
    func read() -> ClockReading

    /// Never returns an earlier time than this again: a transaction was committed at it, perhaps by a command whose
    /// clock was ahead.
    func advance(to moment: Timestamp)

    /// What the database's own clock says: if it has one, it is the wall clock of every writer.
    func observe(databaseClock moment: Timestamp)
}

extension TimeSource {
    package func now() -> Timestamp { read().moment }
    package func observe(databaseClock moment: Timestamp) {}
}

/// One look at the clock.
package struct ClockReading: Hashable, Sendable {
    package let moment: Timestamp
    /// By how much the clock was set forward in all until then, beyond the time that went by. What was noted before a
    /// step looks older than it is, by the step.
    package let stepped: Span

    package init(moment: Timestamp, stepped: Span = .zero) {
        self.moment = moment
        self.stepped = stepped
    }

    /// A moment that was read from the same clock earlier, in today's reckoning.
    package func corrected(_ earlier: ClockReading) -> Timestamp { earlier.moment + (stepped - earlier.stepped) }
}

/// Wall clock at start plus monotonic time since: never goes back, whatever is done to the wall clock.
///
/// Moved forward only, and once the wall clock has been ahead for 60 s: a clock set late by NTP is believed in the end,
/// a jump that is taken back is not. The wall clock is the database's if it has one, else this machine's.
package final class SteadyTime: TimeSource {
    private let clock: ContinuousClock
    private let wall: @Sendable () -> Timestamp
    private let state: Mutex<State>

    private struct State {
        var base: Timestamp
        var start: ContinuousClock.Instant
        var aheadSince: ContinuousClock.Instant?
        /// What the database's clock said last, and when.
        var database: (moment: Timestamp, at: ContinuousClock.Instant)?
        var stepped = Span.zero

        func steady(at instant: ContinuousClock.Instant) -> Timestamp { base + Span(start.duration(to: instant)) }

        mutating func set(to moment: Timestamp, at instant: ContinuousClock.Instant) {
            let step = moment - steady(at: instant)
            if step > SteadyTime.slack { stepped = stepped + step }
            (base, start, aheadSince) = (moment, instant, nil)
        }
    }

    /// Less than this is drift, not a step.
    private static let slack = Span.seconds(1)
    private let trustDelay: Duration

    /// - Parameters:
    ///   - wall: this machine's clock, asked for as long as the database's isn't known.
    ///   - lastCommitted: when the database was last written.
    ///   - databaseClock: what the database's clock says now, if it has one.
    ///   - trustDelay: for how long a wall clock must be ahead before it is believed.
    package init(
        wall: @escaping @Sendable () -> Timestamp, lastCommitted: Timestamp? = nil, databaseClock: Timestamp? = nil,
        trustDelay: Duration = .seconds(60)
    ) {
        clock = ContinuousClock()
        self.wall = wall
        self.trustDelay = trustDelay
        let (start, instant) = (databaseClock ?? wall(), clock.now)
        state = Mutex(
            State(
                base: lastCommitted.map { max($0, start) } ?? start, start: instant,
                database: databaseClock.map { ($0, instant) }))
    }

    package func advance(to moment: Timestamp) {
        let instant = clock.now
        state.withLock { state in
            if moment > state.steady(at: instant) { state.set(to: moment, at: instant) }
        }
    }

    package func observe(databaseClock moment: Timestamp) {
        let instant = clock.now
        state.withLock { $0.database = (moment, instant) }
    }

    package func read() -> ClockReading {
        let machine = wall()
        let instant = clock.now
        return state.withLock { state in
            let wallNow = state.database.map { $0.moment + Span($0.at.duration(to: instant)) } ?? machine
            if wallNow <= state.steady(at: instant) + Self.slack {
                state.aheadSince = nil
            } else if (state.aheadSince ?? instant).duration(to: instant) >= trustDelay {
                state.set(to: wallNow, at: instant)
            } else {
                state.aheadSince = state.aheadSince ?? instant
            }
            return ClockReading(moment: state.steady(at: instant), stepped: state.stepped)
        }
    }
}

extension Span {
    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
