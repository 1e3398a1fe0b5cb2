// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation
import Logging
import Service

/// Which database a data folder served last: a small file in the folder, written whole, by which a server recognises
/// that its database is gone.
struct DatabaseNote: Codable, Hashable {
    let lineage: String
    /// Where the database is, without secrets.
    let database: String

    static let name = "database.json"

    /// What the folder says.
    enum Found: Hashable {
        case nothing
        case note(DatabaseNote)
        /// There is a file, and it can't be read: it says no more than that a database was served.
        case unreadable

        var lineage: String? {
            if case .note(let note) = self { note.lineage } else { nil }
        }
    }

    static func find(in folder: URL) -> Found {
        let file = folder.appending(path: name)
        guard FileManager.default.fileExists(atPath: file.path) else { return .nothing }
        guard let data = try? Data(contentsOf: file), let note = try? JSONDecoder().decode(Self.self, from: data) else {
            return .unreadable
        }
        return .note(note)
    }

    /// Writes the note durably: after a power cut, the folder has the former note or this one, complete.
    func write(in folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let file = folder.appending(path: Self.name)
        guard WholeFile.write(try encoder.encode(self), to: file) else {
            throw CommandError("cannot write \(file.path): is the folder yours, and is there space?")
        }
    }

    /// Writes it unless the folder says so already. A folder that can't be written keeps no server from serving: it is
    /// said.
    func keep(in folder: URL, logger: Logger) {
        guard Self.find(in: folder) != .note(self) else { return }
        do {
            try write(in: folder)
        } catch {
            logger.warning(
                "The folder could not note which database it serves",
                metadata: ["folder": "\(folder.path)", "error": "\(FailureInWords.of(error))"])
        }
    }

    /// How soon a lineage that changes beside a running server is noted.
    private static let interval = Duration.seconds(2)

    /// Keeps the note of a served folder to the lineage that the board has, until cancelled.
    static func follow(_ board: Board, _ settings: Settings, logger: Logger) async {
        // A demo's folder has no note, and gets none.
        var lineage = find(in: settings.dataFolder).lineage
        while !Task.isCancelled {
            let present = board.snapshot.lineage.rawValue
            if let former = lineage, present != former {
                lineage = present
                DatabaseNote(lineage: present, database: "\(settings.database)")
                    .keep(in: settings.dataFolder, logger: logger)
            }
            try? await Task.sleep(for: interval)
        }
    }
}
