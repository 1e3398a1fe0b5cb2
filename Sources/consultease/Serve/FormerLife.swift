// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation

/// What a data folder still has of a database that it served, if that is gone: what tells an accident from a first
/// start.
struct FormerLife {
    /// For people, as "backups/ holds 14 backups". Empty in a folder that never served anything.
    let traces: [String]
    private let settings: Settings
    private let newestBackup: URL?
    private let note: DatabaseNote.Found

    init(_ settings: Settings) {
        self.settings = settings
        let folder = settings.dataFolder
        note = DatabaseNote.find(in: folder)
        newestBackup = BackupFolder(in: folder).newest()?.file
        var traces: [String] = []
        switch note {
        case .nothing: break
        case .note(let note): traces.append("it served \(note.database), lineage \(note.lineage)")
        case .unreadable: traces.append("\(DatabaseNote.name) can't be read")
        }
        if let newestBackup { traces.append("there is a backup, \(newestBackup.lastPathComponent)") }
        // Beside a file that has something in it, it is of use.
        if let path = settings.database.path, Self.isGone(settings.database), Self.size(path + "-wal") > 0 {
            traces.append("\(path)-wal holds what was committed last")
        }
        if BrokerFolder(in: folder).unitCredentials()?.isEmpty == false {
            traces.append("the broker has desk units' credentials")
        }
        if Self.hasSession(in: folder) { traces.append("the broker keeps a server's session") }
        self.traces = traces
    }

    /// Whether a SQLite file is missing or has nothing in it. False for a server's database, which has to be asked.
    static func isGone(_ database: DatabaseLocation) -> Bool {
        guard let path = database.path else { return false }
        return size(path) == 0
    }

    /// The fault, as the beginning of a sentence.
    var accusation: String {
        "\(settings.database) \(isMissing ? "is missing" : "is empty"), but this folder is no new one: \(traces.joined(separator: "; "))"
    }

    private var isMissing: Bool {
        settings.database.path.map { !FileManager.default.fileExists(atPath: $0) } ?? false
    }

    /// How to bring the database back, and how to begin anew on purpose.
    var remedy: String {
        var ways: [String] = []
        if case .note(let note) = note, note.database != "\(settings.database)" {
            ways.append("if \(note.database) is still meant, name it with --database")
        }
        if let newestBackup {
            ways.append("to bring the newest backup back: consultease restore '\(newestBackup.path)' --replace")
        } else {
            ways.append("to bring it back: consultease restore FILE --replace, with a backup that is kept elsewhere")
        }
        ways.append("to begin with an empty database on purpose: consultease serve --new-database, once")
        return ways.joined(separator: "; ")
    }

    /// Throws if the folder has served a database before, unless an empty one is wanted.
    func requireNone(beginsAnew: Bool) throws {
        guard !traces.isEmpty, !beginsAnew else { return }
        throw CommandError("\(accusation). Nothing was changed; \(remedy)")
    }

    /// Sets aside what stands beside a file that is gone: SQLite would delete it. Returns the new names.
    func setCompanionsAside() throws -> [String] {
        guard let path = settings.database.path else { return [] }
        let stamp = BackupFolder.compact(WallClock.now())
        return try ["-wal", "-shm", "-journal"].map { path + $0 }.filter {
            FileManager.default.fileExists(atPath: $0)
        }.map { file in
            let aside = "\(file).set-aside-\(stamp)"
            try renamed(file, aside)
            return aside
        }
    }

    private static func size(_ path: String) -> Int64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    }

    /// mosquitto keeps the names of its clients' sessions as they are; ours is `consultease-` and digits.
    private static func hasSession(in folder: URL) -> Bool {
        let file = folder.appending(path: "broker/mosquitto.db")
        guard let data = try? Data(contentsOf: file, options: .mappedIfSafe) else { return false }
        return data.range(of: Data("consultease-".utf8)) != nil
    }
}
