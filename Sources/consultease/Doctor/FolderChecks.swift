// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The data folder: there, its owner's alone, and served by whom.
struct FolderChecks {
    let folder: URL

    func run() -> [Finding] {
        [privacy, service]
    }

    private var privacy: Finding {
        let path = folder.path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            return .failed(
                "data-folder", "there is none at \(path)",
                fix: "start `consultease serve` once, which makes it, or name the folder with --data")
        }
        guard attributes[.type] as? FileAttributeType == .typeDirectory else {
            return .failed("data-folder", "\(path) is no folder", fix: "name the folder with --data")
        }
        let owner = (attributes[.ownerAccountID] as? NSNumber)?.uint32Value
        guard owner == geteuid() else {
            return .failed(
                "data-folder", "\(path) belongs to the user \(attributes[.ownerAccountName] ?? owner ?? 0), not to you",
                fix: "run this as its owner, who also runs the server")
        }
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
        guard mode & 0o077 == 0 else {
            return .failed(
                "data-folder", "others may look into \(path) (mode \(String(mode, radix: 8)))",
                fix: "chmod 700 '\(path)'")
        }
        return .ok("data-folder", "\(path) is yours alone")
    }

    private var service: Finding {
        guard let server else { return .ok("server", "nobody serves the folder now") }
        return .ok("server", server)
    }

    /// Who holds the folder's lock; nil where nobody does. Read from the kernel's list: taking the lock to see whether it is
    /// free would stop a server that starts at this moment.
    var server: String? {
        var status = stat()
        guard stat(folder.appending(path: "lock").path, &status) == 0,
            let list = FileHandle(forReadingAtPath: "/proc/locks")
        else { return nil }
        // To its end: what reads a file by its size stops early at one that has none, as those of /proc.
        let locks = String(decoding: (try? list.readToEnd()) ?? Data(), as: UTF8.self)
        // "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF": the last part of the sixth word is the inode.
        for line in locks.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE",
                words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(status.st_ino)
            else { continue }
            return "served by the process \(words[4])\(Self.command(of: words[4]))"
        }
        return nil
    }

    private static func command(of pid: Substring) -> String {
        guard let data = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")) else { return "" }
        let words = data.split(separator: 0).prefix(2).map { String(decoding: $0, as: UTF8.self) }
        guard let program = words.first else { return "" }
        return " (\(([URL(filePath: program).lastPathComponent] + words.dropFirst()).joined(separator: " ")))"
    }
}
