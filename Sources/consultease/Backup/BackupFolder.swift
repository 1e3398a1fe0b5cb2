// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation

/// The data folder's `backups/`, its owner's alone: what backups are called there, and which are removed.
struct BackupFolder {
    let url: URL

    init(in dataFolder: URL) {
        url = dataFolder.appending(path: "backups")
    }

    /// `consultease-20261124T104301Z.backup`; with a number behind it where there is one of that second already.
    func newFile(at moment: Timestamp) throws -> URL {
        try make()
        removeLeftovers()
        let stamp = "consultease-\(Self.compact(moment))"
        for number in 1...100 {
            let file = url.appending(path: number == 1 ? "\(stamp).backup" : "\(stamp)-\(number).backup")
            if !FileManager.default.fileExists(atPath: file.path) { return file }
        }
        throw BackupError("there are too many backups of this second in \(url.path): try again")
    }

    /// Removes all but the newest `count` of those that `newFile` named, and returns what was removed. Other files stay.
    func prune(keeping count: Int) throws -> [URL] {
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path).filter(Self.isOurs)
        let removed = names.sorted { Self.sortKey($0) < Self.sortKey($1) }.dropLast(count).map {
            url.appending(path: $0)
        }
        for file in removed { try FileManager.default.removeItem(at: file) }
        return removed
    }

    private func make() throws {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BackupError("cannot make \(url.path): is the data folder yours, and is there space?")
        }
    }

    /// What a backup that was killed has left: half a file, which nobody writes to any more.
    private func removeLeftovers() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [] {
            guard let match = name.wholeMatch(of: /\.consultease-.*\.backup\.([0-9]+)\.part(-journal)?/),
                let pid = pid_t(match.1), kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            unlink(url.appending(path: name).path)
        }
    }

    /// ISO 8601 without the characters that other systems refuse in names.
    static func compact(_ moment: Timestamp) -> String {
        let seconds = Timestamp(milliseconds: moment.milliseconds / 1000 * 1000)
        return seconds.iso8601.filter { $0 != "-" && $0 != ":" }
    }

    private static func isOurs(_ name: String) -> Bool {
        name.wholeMatch(of: /consultease-[0-9]{8}T[0-9]{6}Z(-[0-9]{1,3})?\.backup/) != nil
    }

    /// The one without a number is the first of its second.
    private static func sortKey(_ name: String) -> String {
        let parts = name.dropLast(".backup".count).split(separator: "-")
        let number = parts.count > 2 ? String(parts[2]) : "1"
        return parts[1] + String(repeating: "0", count: max(0, 3 - number.count)) + number
    }
}

/// Why there is no backup; the text says the remedy.
struct BackupError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
