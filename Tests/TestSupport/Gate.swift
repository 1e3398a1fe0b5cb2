// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Dispatch

/// Blocks a thread outside the cooperative pool until a test opens the gate.
package final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    package func open() {
        semaphore.signal()
    }

    package func wait() {
        semaphore.wait()
    }
}
