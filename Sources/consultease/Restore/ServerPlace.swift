// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store

/// A database on a PostgreSQL server into which a restored one is copied.
struct ServerPlace {
    let location: DatabaseLocation
    let dataFolder: URL

    /// How long a server that has just stopped may take to give up leadership.
    private static let leadershipTimeout = Duration.seconds(5)

    /// Copies the rehearsed database there in one transaction, as the leader, so that no server ingests meanwhile.
    /// Returns the backup of the former contents, and the digests that were read back from the target.
    func fill(from rehearsal: Rehearsal, replaces: Bool) async throws -> (former: URL?, copy: CopyResult) {
        let engine = try await OpenedStore.engine(for: location)
        defer { try? engine.close() }  // The commit is durable, so a failed close loses nothing.
        let term = try await Self.term(of: engine, location)
        do {
            let former = try await backedUp(engine, replaces: replaces)
            let source = try SQLiteEngine.readOnly(at: rehearsal.database.path)
            defer { try? source.close() }  // Only read.
            var plan = Copier.Plan()
            plan.lineage = rehearsal.lineage
            plan.replaces = replaces
            plan.backedUp = former?.manifest.tables
            let progress = CopyProgress("Copying to \(location)")
            defer { progress.end() }
            let copy: CopyResult
            do {
                copy = try await Copier(from: source, to: engine, via: term).run(plan) { progress.show($0) }
            } catch let error as CopyError {
                throw explained(error, former?.file)
            }
            await term.resign()
            return (former?.file, copy)
        } catch {
            await term.resign()
            throw error
        }
    }

    /// Backs the former contents up; returns nil if there are no rows.
    private func backedUp(_ engine: any Engine, replaces: Bool) async throws -> BackupWriter.Written? {
        guard case .used(let table) = try await engine.read({ try Occupancy.of($0) }) else { return nil }
        guard replaces else {
            throw CommandError(
                "\(location) is not empty: there are rows in \(table). --replace makes a backup of it first")
        }
        let progress = CopyProgress("Backing up what is there")
        return try await BackupFolder(in: dataFolder).writeNew(of: engine, progress)
    }

    /// Explains what a failed copy did to the database, and what to do next.
    private func explained(_ error: CopyError, _ former: URL?) -> CommandError {
        let kept = former.map { " What was there before is in \($0.path)." } ?? ""
        return switch error.code {
        case .unknownOutcome, .unproved, .differs:
            CommandError("\(location): \(error).\(kept) Restore again with --replace, which proves what is there then")
        case .notEmpty, .changed, .unknownSchema, .damaged, .unfit, .interrupted, .refused:
            CommandError("not restored, \(location) is as it was: \(error)")
        }
    }

    /// Takes the leadership, so that no server ingests: it would write on to rows that the restored database doesn't
    /// have.
    private static func term(of engine: any Engine, _ location: DatabaseLocation) async throws -> any LeaderTerm {
        // If the database can't be reached, this throws the reason at once instead of waiting for leadership.
        _ = try await engine.read { try $0.query("SELECT 1") }
        return try await withThrowingTaskGroup(of: (any LeaderTerm)?.self) { group in
            group.addTask { try await engine.lead() }
            group.addTask {
                try await ContinuousClock().sleep(for: leadershipTimeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let term = try await group.next() ?? nil else {
                throw CommandError(
                    "a consultease serves \(location): stop all of them, or restore into another database; nothing was changed"
                )
            }
            return term
        }
    }
}
