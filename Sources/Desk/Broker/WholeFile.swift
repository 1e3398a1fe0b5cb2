// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Foundation

/// Writes a file so that a reader, and a start after a power cut, finds the old one or the new one whole.
package enum WholeFile {
    /// Writes aside, has that on the disk, renames it, and has the folder on the disk. False if any of these fails. The
    /// file is its owner's alone.
    package static func write(_ data: Data, to file: URL) -> Bool {
        let aside = file.deletingLastPathComponent().appending(path: ".\(file.lastPathComponent).new")
        unlink(aside.path)
        let descriptor = open(aside.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let isWritten = writeAll(data, to: descriptor) && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(aside.path, file.path) == 0 else {
            unlink(aside.path)
            return false
        }
        return sync(file.deletingLastPathComponent())
    }

    private static func writeAll(_ data: Data, to descriptor: Int32) -> Bool {
        data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    private static func sync(_ folder: URL) -> Bool {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
