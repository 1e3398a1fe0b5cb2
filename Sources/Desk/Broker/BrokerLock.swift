// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Held by the process that runs the folder's broker, from before its start until after its end. The kernel's: it goes
/// with the process, however that ends.
struct BrokerLock: ~Copyable {
    private let descriptor: Int32

    /// Nil if another process holds it, or the file can't be written: `BrokerFolder.prepare` has said so then.
    init?(_ folder: BrokerFolder) {
        let descriptor = open(folder.url.appending(path: BrokerFiles.lock).path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
