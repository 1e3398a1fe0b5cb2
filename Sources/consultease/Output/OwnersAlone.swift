// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Files with people's names and hashes in them are nobody else's to read.
enum OwnersAlone {
    /// Whatever this process makes from now on is its owner's alone.
    static func fromNowOn() {
        umask(0o077)
    }
}
