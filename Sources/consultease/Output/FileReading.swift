// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Reads a file that the caller named, and says why it can't be read: missing, not permitted, no file.
enum FileReading {
    static func bytes(of path: String) throws -> [UInt8] {
        Array(try read(try opened(path), path) { try $0.readToEnd() } ?? Data())
    }

    /// Throws `CommandError`.
    static func opened(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandError("cannot read \(path): \(reason(errno, path))") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Throws `CommandError` if `body` can't read.
    static func read<Value>(_ handle: FileHandle, _ path: String, _ body: (FileHandle) throws -> Value) throws -> Value
    {
        do {
            return try body(handle)
        } catch {
            var status = stat()
            let isFolder = fstat(handle.fileDescriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            throw CommandError("cannot read \(path): \(reason(isFolder ? EISDIR : EIO, path))")
        }
    }

    /// Returns what is wrong with a path and the remedy, by the system's error number.
    static func reason(_ number: Int32, _ path: String) -> String {
        switch number {
        case ENOENT: "there is no such file"
        case ENOTDIR: "a part of the path is no folder"
        case EISDIR: "it is a folder, not a file"
        case EACCES, EPERM: Ownership.refusal(of: path)
        case ENOSPC: "there is no space left: df -h '\(URL(filePath: path).deletingLastPathComponent().path)'"
        case EROFS: "its file system is read-only: findmnt -T '\(path)'; a failing disk is made so by the system: dmesg"
        case EIO: "its disk fails: dmesg"
        default: String(cString: strerror(number))
        }
    }
}
