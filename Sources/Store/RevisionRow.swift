// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// The one-row table `revision`: the number, whether a transaction of ours is under way, and the time of the last
/// commit.
///
/// Triggers add one to `n` on the first tracked change of our transaction (`ours` 1 → 2) and on every one of an
/// outsider's (`ours` 0), so a shell's edit has revisions too.
enum RevisionRow {
    /// Takes the row, before anything else, and returns the transaction's moment: that of `time`, which is told what
    /// others have committed and what the database's clock says. Throws if the database has been given another schema
    /// meanwhile.
    static func begin(_ connection: any Connection, _ time: any TimeSource) throws -> ClockReading {
        try connection.execute("UPDATE revision SET ours = 1")
        let found = try look(connection)
        try Migrator.requireCurrent(found.schema)
        if let clock = found.database { time.observe(databaseClock: clock) }
        time.advance(to: found.lastCommit)
        let reading = time.read()
        return ClockReading(moment: max(reading.moment, found.lastCommit), stepped: reading.stepped)
    }

    /// When the database was last written, and what its server's wall clock says; nil if it is a file of this
    /// machine's.
    static func clocks(_ connection: any Connection) throws -> (lastCommit: Timestamp, database: Timestamp?) {
        let found = try look(connection)
        return (found.lastCommit, found.database)
    }

    private static func look(
        _ connection: any Connection
    ) throws -> (lastCommit: Timestamp, database: Timestamp?, schema: Int64) {
        let clock: StaticString =
            switch connection.dialect {
            case .sqlite: "NULL"
            case .postgreSQL: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
            }
        guard
            let row = try connection.first(
                "SELECT committed_at, \(literal: clock), (SELECT value FROM meta WHERE key = 'schema') FROM revision")
        else { throw Self.missing }
        return (try row.get(0), try row.get(1), Meta.schema(try row.get(2)))
    }

    /// Gives it back and returns the revision that the commit will show, with the lineage that it counts in, and
    /// whether the transaction made it.
    static func end(_ connection: any Connection, at now: Timestamp) throws -> (tag: RevisionTag, isNew: Bool) {
        guard
            let row = try connection.first(
                "SELECT n, ours, (SELECT value FROM meta WHERE key = 'lineage') FROM revision"),
            let lineage = Lineage(try row.get(2, as: String.self))
        else { throw Self.missing }
        try connection.execute("UPDATE revision SET ours = 0, committed_at = \(now)")
        return (RevisionTag(lineage: lineage, revision: Revision(try row.get(0))), try row.get(1, as: Int64.self) == 2)
    }

    static func current(_ connection: any Connection) throws -> Revision {
        guard let row = try connection.first("SELECT n FROM revision") else { throw Self.missing }
        return Revision(try row.get(0))
    }

    private static let missing = SQLError(
        code: .cannotOpen, message: "the table revision is empty: this is no database of ConsultEase")
}
