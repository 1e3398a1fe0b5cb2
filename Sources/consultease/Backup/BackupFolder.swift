// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store

/// The data folder's `backups/`, readable by its owner only: names new backups and removes old ones.
struct BackupFolder {
    let url: URL
    private let dataFolder: URL

    init(in dataFolder: URL) {
        self.dataFolder = dataFolder
        url = dataFolder.appending(path: "backups")
    }

    /// A backup in the folder.
    struct Stored {
        let file: URL
        let completedAt: Date
        let bytes: Int64

        /// Of UTC since 1970, whole.
        var seconds: Double { completedAt.timeIntervalSince1970.rounded(.down) }
    }

    /// Returns the backup that was completed last, under any name; nil if the folder has none. A backup that is being
    /// written has another name until it is complete.
    func newest() -> Stored? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter { $0.hasSuffix(".backup") }.compactMap { name in
            let file = url.appending(path: name)
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: file.path),
                let date = attributes[.modificationDate] as? Date
            else { return nil }
            return Stored(file: file, completedAt: date, bytes: (attributes[.size] as? NSNumber)?.int64Value ?? 0)
        }.max { $0.completedAt < $1.completedAt }
    }

    /// Returns the backups that `newFile` named, oldest first.
    func all() -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter(Self.isOurs).sorted { Self.sortKey($0) < Self.sortKey($1) }.map { url.appending(path: $0) }
    }

    /// Returns the manifest of a backup; nil if the file can't be read.
    static func manifest(of file: URL) async -> BackupManifest? {
        guard let engine = try? SQLiteEngine.readOnly(at: file.path) else { return nil }
        defer { try? engine.close() }  // Only read.
        return try? await engine.read { try BackupManifest.read($0) }
    }

    /// Makes a backup of the database here, under a name of its own.
    func writeNew(of engine: any Engine, _ progress: CopyProgress) async throws -> BackupWriter.Written {
        try await BackupWriter(engine: engine, dataFolder: dataFolder)
            .write(to: try newFile(at: WallClock.now()), progress)
    }

    /// Returns `consultease-20261124T104301Z.backup`, with a number appended if a backup of that second exists.
    private func newFile(at moment: Timestamp) throws -> URL {
        try make()
        for folder in [url, url.deletingLastPathComponent()] { Leftovers.remove(in: folder) }
        let stamp = "consultease-\(Self.compact(moment))"
        for number in 1...100 {
            let file = url.appending(path: number == 1 ? "\(stamp).backup" : "\(stamp)-\(number).backup")
            if !FileManager.default.fileExists(atPath: file.path) { return file }
        }
        throw CommandError("there are too many backups of this second in \(url.path): try again")
    }

    /// Removes all but `count` of those that `newFile` named, and returns what was removed. Other files stay.
    ///
    /// `written` is always kept: after the clock was set back, other files seem newer. The newest others stay, too, and
    /// so does the last readable backup of each other lineage: if the database was lost and created anew, that backup
    /// is all that is left of it.
    func prune(keeping count: Int, with written: BackupWriter.Written) async throws -> [URL] {
        let others = all().filter { $0.lastPathComponent != written.file.lastPathComponent }
        let surplus = others.dropLast(count - 1)
        guard !surplus.isEmpty else { return [] }
        var newest: [Lineage: URL] = [:]
        for file in others {
            guard let lineage = await Self.manifest(of: file)?.lineage else { continue }
            newest[lineage] = file
        }
        newest[written.manifest.lineage] = nil
        let kept = Set(newest.values)
        let removed = surplus.filter { !kept.contains($0) }
        for file in removed { try FileManager.default.removeItem(at: file) }
        return removed
    }

    private func make() throws {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError("cannot make \(url.path): is the data folder yours, and is there space?")
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
