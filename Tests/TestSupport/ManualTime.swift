// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Store
import Synchronization

/// A time source that stands still until a test moves it.
package final class ManualTime: TimeSource {
    private let clock: Mutex<ClockReading>

    /// Starts at 2026-11-24T08:00:00Z by default.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_795_507_200_000)) {
        clock = Mutex(ClockReading(moment: start))
    }

    package func read() -> ClockReading { clock.withLock { $0 } }

    /// Ignores the commits of other processes: only a test moves this clock.
    package func advance(to moment: Timestamp) {}

    /// Moves the clock by `span`, which may be negative: a test may set the clock back.
    package func advance(by span: Span) {
        clock.withLock { $0 = ClockReading(moment: $0.moment + span, stepped: $0.stepped) }
    }

    /// Corrects a clock that was behind: no evidence has aged.
    package func step(by span: Span) {
        clock.withLock { $0 = ClockReading(moment: $0.moment + span, stepped: $0.stepped + span) }
    }
}
