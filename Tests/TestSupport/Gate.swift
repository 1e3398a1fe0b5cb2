// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Dispatch

/// Holds a thread that is not of the cooperative pool until it is opened.
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
