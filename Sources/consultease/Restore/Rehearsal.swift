// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Service
import Store

/// A scratch database made from a backup, upgraded to this program's schema and opened once the way `serve` opens it.
struct Rehearsal {
    /// The database's file: durable, closed, and complete without a -wal file.
    let database: URL
    let lineage: Lineage
    /// The number of cards on the board.
    let cards: Int
    /// The schema version of the backup if the database was upgraded; nil otherwise.
    let upgradedFrom: Int64?

    /// Creates the database in a new folder inside `folder`, calls `body`, and removes the new folder.
    static func of<Value>(
        _ manifest: BackupManifest, _ file: any Engine, in folder: URL, _ body: (Rehearsal) async throws -> Value
    ) async throws -> Value {
        Leftovers.remove(in: folder)
        let own = folder.appending(path: Leftovers.scratchName())
        do {
            try FileManager.default.createDirectory(
                at: own, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError("cannot write in \(folder.path): is the folder yours, and is there space?")
        }
        defer { try? FileManager.default.removeItem(at: own) }
        let database = own.appending(path: "consultease.sqlite")
        let made = try await make(manifest, file, at: database)
        try BackupWriter.makeDurable(database)
        return try await body(made)
    }

    private static func make(
        _ manifest: BackupManifest, _ file: any Engine, at database: URL
    ) async throws -> Rehearsal {
        let engine = try SQLiteEngine.portable(at: database.path)
        defer { try? engine.close() }  // Everything is durable by then, so a failed close loses nothing.
        var generator = SystemRandomNumberGenerator()
        var plan = Copier.Plan()
        let lineage = Lineage(using: &generator)
        plan.lineage = lineage
        let progress = CopyProgress("Restoring")
        defer { progress.end() }
        _ = try await Backup.unpack(file, manifest, into: engine, plan) { progress.show($0) }
        let (from, to) = try await Migrator.migrate(engine, lineage: lineage)
        let store = try await OpenedStore.store(engine)
        let board = try await Board(store: store, logger: OpenedStore.quiet)
        let people = try await store.read { transaction in
            try transaction.connection.first("SELECT count(*) FROM faculty WHERE archived_at IS NULL")?
                .get(0, as: Int64.self) ?? 0
        }
        let cards = board.snapshot.cards.count
        guard Int64(cards) == people, board.snapshot.lineage == lineage else {
            throw CommandError(
                "the restored board shows \(cards) people where there are \(people): take an older backup")
        }
        return Rehearsal(database: database, lineage: lineage, cards: cards, upgradedFrom: from < to ? from : nil)
    }
}
