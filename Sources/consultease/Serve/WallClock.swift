// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation

/// UTC as the machine has it.
enum WallClock {
    @Sendable
    static func now() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
