// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Store
import Synchronization

/// A time source that stands still until a test moves it.
package final class ManualTime: TimeSource {
    private let moment: Mutex<Timestamp>

    /// 2026-11-24T08:00:00Z unless given.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_795_507_200_000)) {
        moment = Mutex(start)
    }

    package func now() -> Timestamp { moment.withLock { $0 } }

    /// A test alone moves this clock.
    package func advance(to moment: Timestamp) {}

    /// Negative steps are allowed: a test may set the clock back.
    package func advance(by span: Span) {
        moment.withLock { $0 = $0 + span }
    }
}
