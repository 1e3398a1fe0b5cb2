// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Store
import Synchronization

/// A time source that stands still until a test moves it.
package final class ManualTime: TimeSource {
    private let clock: Mutex<ClockReading>

    /// 2026-11-24T08:00:00Z unless given.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_795_507_200_000)) {
        clock = Mutex(ClockReading(moment: start))
    }

    package func read() -> ClockReading { clock.withLock { $0 } }

    /// A test alone moves this clock.
    package func advance(to moment: Timestamp) {}

    /// Negative steps are allowed: a test may set the clock back.
    package func advance(by span: Span) {
        clock.withLock { $0 = ClockReading(moment: $0.moment + span, stepped: $0.stepped) }
    }

    /// The clock was behind, and is set right: nothing has aged.
    package func step(by span: Span) {
        clock.withLock { $0 = ClockReading(moment: $0.moment + span, stepped: $0.stepped + span) }
    }
}
