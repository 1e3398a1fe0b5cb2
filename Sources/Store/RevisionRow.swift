// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// The one-row table `revision`: the number, whether a transaction of ours is under way, and the time of the last commit.
///
/// Triggers add one to `n` on the first tracked change of our transaction (`ours` 1 → 2) and on every one of an outsider's
/// (`ours` 0), so a shell's edit has revisions too.
enum RevisionRow {
    /// Takes the row, before anything else, and returns the transaction's moment.
    static func begin(_ connection: any Connection, at now: Timestamp) throws -> Timestamp {
        try connection.execute("UPDATE revision SET ours = 1")
        return max(now, try lastCommit(connection))
    }

    static func lastCommit(_ connection: any Connection) throws -> Timestamp {
        guard let row = try connection.first("SELECT committed_at FROM revision") else { throw Self.missing }
        return try row.get(0)
    }

    /// Gives it back and returns the revision that the commit will show, and whether the transaction made it.
    static func end(_ connection: any Connection, at now: Timestamp) throws -> (revision: Revision, isNew: Bool) {
        guard let row = try connection.first("SELECT n, ours FROM revision") else { throw Self.missing }
        try connection.execute("UPDATE revision SET ours = 0, committed_at = \(now)")
        return (Revision(try row.get(0)), try row.get(1, as: Int64.self) == 2)
    }

    static func current(_ connection: any Connection) throws -> Revision {
        guard let row = try connection.first("SELECT n FROM revision") else { throw Self.missing }
        return Revision(try row.get(0))
    }

    private static let missing = SQLError(
        code: .unexpectedValue, message: "the table revision is empty: this is no database of ConsultEase")
}
