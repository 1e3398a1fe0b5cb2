// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Lets only the owner of this process read and write the files that it creates from now on: they hold people's names
/// and password hashes.
func restrictFileMode() {
    umask(0o077)
}
