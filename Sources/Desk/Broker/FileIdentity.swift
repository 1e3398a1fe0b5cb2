// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Which file or folder a path leads to, whatever its spelling: links, `..` and slashes too many are followed by the
/// kernel.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// Nil if there is none, or it can't be looked at.
    package init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
