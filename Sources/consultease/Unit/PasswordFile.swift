// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// A new file for one secret, readable by its owner alone from the first moment.
struct PasswordFile {
    private let path: String
    private let handle: FileHandle

    /// Throws if there is a file of that name already: a secret is never written into an existing file.
    init(creating path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError(
                errno == EEXIST
                    ? "\(path) is there already: name a new file, or remove it first"
                    : "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        self.path = path
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ password: String) throws {
        try handle.write(contentsOf: Data("\(password)\n".utf8))
        try handle.synchronize()
    }

    func discard() {
        unlink(path)
    }
}
