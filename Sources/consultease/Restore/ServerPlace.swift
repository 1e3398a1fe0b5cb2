// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store

/// A database on a PostgreSQL server that a restored one is copied into.
struct ServerPlace {
    let location: DatabaseLocation
    let dataFolder: URL

    /// How long a server that has just stopped may take to give up leadership.
    private static let patience = Duration.seconds(5)

    /// Copies the rehearsed database there, in one transaction, as the only one who writes. Returns where the backup of what
    /// was there is, and the digests as found there afterwards.
    func fill(from rehearsal: Rehearsal, replaces: Bool) async throws -> (former: URL?, copy: CopyResult) {
        let engine = try await OpenedStore.engine(for: location)
        defer { try? engine.close() }  // What was committed is durable.
        let term = try await Self.term(of: engine, location)
        do {
            let former = try await clear(engine, replaces: replaces, lineage: rehearsal.lineage)
            let source = try SQLiteEngine.readOnly(at: rehearsal.database.path)
            defer { try? source.close() }  // Only read.
            var plan = Copier.Plan()
            plan.lineage = rehearsal.lineage
            plan.replaces = replaces
            let progress = CopyProgress("Copying to \(location)")
            defer { progress.end() }
            let copy = try await Copier(from: source, to: engine, via: term).run(plan) { progress.show($0) }
            await term.resign()
            return (former, copy)
        } catch {
            await term.resign()
            throw error
        }
    }

    private func clear(_ engine: any Engine, replaces: Bool, lineage: Lineage) async throws -> URL? {
        let (occupancy, schema) = try await engine.read {
            (try Occupancy.of($0), try Migrator.installedVersion($0))
        }
        var former: URL?
        if case .used(let table) = occupancy {
            guard replaces else {
                throw RestoreError(
                    "\(location) is not empty: there are rows in \(table). --replace makes a backup of it first")
            }
            let file = try BackupFolder(in: dataFolder).newFile(at: OpenedStore.wallClock())
            _ = try await BackupWriter(engine: engine, dataFolder: dataFolder)
                .write(to: file, CopyProgress("Backing up what is there"))
            former = file
        }
        if (1..<Migrator.currentVersion).contains(schema) {
            // It has a lineage, which the copy replaces.
            _ = try await Migrator.migrate(engine, lineage: lineage)
        }
        return former
    }

    /// Leadership, which no server has then: one that ingests would go on writing what the restored database forgets.
    private static func term(of engine: any Engine, _ location: DatabaseLocation) async throws -> any LeaderTerm {
        // The database's own word on why it can't be reached, instead of waiting for it.
        _ = try await engine.read { try $0.query("SELECT 1") }
        return try await withThrowingTaskGroup(of: (any LeaderTerm)?.self) { group in
            group.addTask { try await engine.lead() }
            group.addTask {
                try await ContinuousClock().sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            guard let term = try await group.next() ?? nil else {
                throw RestoreError(
                    "a consultease serves \(location): stop all of them, or restore into another database; nothing was changed"
                )
            }
            return term
        }
    }
}
