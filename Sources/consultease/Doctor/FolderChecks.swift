// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation

/// Checks that the data folder exists and is private, and finds the server that uses it.
struct FolderChecks {
    let folder: URL

    func run() -> [Finding] {
        [privacy, service]
    }

    private var privacy: Finding {
        let path = folder.path
        // If the path is a link, the target folder's mode counts.
        var status = stat()
        guard stat(path, &status) == 0 else {
            let number = errno
            guard number == ENOENT else {
                return .failed(
                    "data-folder", "\(path) can't be looked at: \(FileReading.reason(number, path))",
                    fix: "run this as its owner, who also runs the server")
            }
            return .failed(
                "data-folder", "there is none at \(path)",
                fix: "start `consultease serve` once, which makes it, or name the folder with --data")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .failed("data-folder", "\(path) is no folder", fix: "name the folder with --data")
        }
        guard status.st_uid == geteuid() else {
            return .failed(
                "data-folder", "\(path) belongs to the user \(Ownership.name(of: status.st_uid)), not to you",
                fix: "run this as its owner, who also runs the server")
        }
        let mode = status.st_mode & 0o7777
        guard mode & 0o077 == 0 else {
            return .failed(
                "data-folder", "others may look into \(path) (mode \(String(mode, radix: 8)))",
                fix: "chmod 700 '\(path)'")
        }
        return .ok("data-folder", "\(path) is yours alone")
    }

    private var service: Finding {
        guard let server else { return .ok("server", "no server uses the folder now") }
        return .ok("server", server)
    }

    /// The process that holds the folder's lock; nil if none does. It is read from the kernel's list, since a server
    /// that starts at this moment would fail if `doctor` took the lock to see whether it is free.
    var server: String? {
        var status = stat()
        guard stat(folder.appending(path: "lock").path, &status) == 0,
            let list = FileHandle(forReadingAtPath: "/proc/locks")
        else { return nil }
        // Read to the end: files in /proc have the size 0, so reading by size returns nothing.
        let locks = String(decoding: (try? list.readToEnd()) ?? Data(), as: UTF8.self)
        // "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF": the last part of the sixth word is the inode.
        for line in locks.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE",
                words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(status.st_ino),
                Self.mayHold(words[4], folder.appending(path: "lock").path)
            else { continue }
            return "served by the process \(words[4])\(Self.command(of: words[4]))"
        }
        return nil
    }

    /// Returns whether a process has this file open. The kernel's list has inode numbers only, which files of two file
    /// systems may share. Also true if this user may not see the process's files.
    private static func mayHold(_ pid: Substring, _ path: String) -> Bool {
        let files = "/proc/\(pid)/fd"
        guard let own = FileIdentity(of: path), let open = try? FileManager.default.contentsOfDirectory(atPath: files)
        else { return true }
        return open.contains { FileIdentity(of: "\(files)/\($0)") == own }
    }

    private static func command(of pid: Substring) -> String {
        guard let data = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")) else { return "" }
        let words = data.split(separator: 0).prefix(2).map { String(decoding: $0, as: UTF8.self) }
        guard let program = words.first else { return "" }
        return " (\(([URL(filePath: program).lastPathComponent] + words.dropFirst()).joined(separator: " ")))"
    }
}
