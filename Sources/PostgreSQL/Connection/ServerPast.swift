// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Identifies a server and its history. Both must match before a server's answer about a transaction of an earlier
/// connection is trusted.
struct ServerPast: Sendable, Hashable, CustomStringConvertible {
    /// The id that `initdb` creates; a cluster's standbys share it. Nil if the role may not ask.
    let systemIdentifier: String?
    /// Eight hexadecimal digits, which change with each promotion. Nil on a standby.
    let timeline: String?
    /// Changes whenever the server recovers from a crash, which resets its statistics. A crash may lose a transaction
    /// that had not reached the disk; its number may then name another transaction.
    let crashMark: String

    /// Whether both connections led to the same cluster and timeline, regardless of crashes.
    func isSameCluster(as other: ServerPast) -> Bool {
        systemIdentifier == other.systemIdentifier && timeline != nil && timeline == other.timeline
    }

    /// Whether this connection leads to a server that new connections no longer reach: a newer connection has found
    /// `present`. An unknown part never differs: a standby has no timeline of its own.
    func isOver(in present: ServerPast) -> Bool {
        if let one = systemIdentifier, let other = present.systemIdentifier, one != other { return true }
        if let one = timeline, let other = present.timeline, one != other { return true }
        return false
    }

    var description: String { "\(systemIdentifier ?? "?"), timeline \(timeline ?? "of a standby")" }

    /// The SQL expression that returns the timeline.
    static let timelineExpression = """
        CASE WHEN pg_is_in_recovery() THEN NULL
            ELSE substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) END
        """

    static func read(over link: PostgresConnection) throws(SQLError) -> ServerPast {
        let row = try link.row(
            """
            SELECT \(timelineExpression), (SELECT stats_reset::text FROM pg_stat_wal),
                has_function_privilege('pg_control_system()', 'EXECUTE')
            """)
        let mayAsk: Bool = try row.get(2)
        let identifier: Int64? =
            mayAsk ? try link.row("SELECT system_identifier FROM pg_control_system()").get(0) : nil
        let crashMark: String? = try row.get(1)
        return ServerPast(
            systemIdentifier: identifier.map(String.init), timeline: try row.get(0), crashMark: crashMark ?? "")
    }
}

/// The server's settings that decide whether a commit is durable.
struct Durability: Sendable, Hashable {
    let version: Int64
    let fsync: String
    let synchronousCommit: String

    static func read(over link: PostgresConnection) throws(SQLError) -> Durability {
        let row = try link.row(
            """
            SELECT current_setting('server_version_num')::bigint, current_setting('fsync'),
                   current_setting('synchronous_commit'), current_setting('server_encoding')
            """)
        let version: Int64 = try row.get(0)
        guard version >= 140_000 else {
            throw SQLError(
                code: .cannotOpen, message: "the server is PostgreSQL \(version / 10_000): use PostgreSQL 14 or newer")
        }
        let encoding: String = try row.get(3)
        guard encoding == "UTF8" else { throw Self.wrong(encoding: encoding) }
        return Durability(version: version, fsync: try row.get(1), synchronousCommit: try row.get(2))
    }

    /// Names may use any script, so only UTF8 can hold them; a message that can't be stored can't be acknowledged.
    private static func wrong(encoding: String) -> SQLError {
        SQLError(
            code: .cannotOpen,
            message:
                "the database has the encoding \(encoding), and has to have UTF8: make another with CREATE DATABASE NAME TEMPLATE template0 ENCODING 'UTF8', and copy this one into it with pg_dump and psql"
        )
    }

    var isWeak: Bool { fsync == "off" || synchronousCommit == "off" }

    /// The value that this program's sessions keep, even if the server's setting changes: the value found, unless that
    /// answers COMMIT before it is on the disk. `local` is safe on the disk; whether a standby must have it too is the
    /// operator's choice.
    var keptSynchronousCommit: String { synchronousCommit == "off" ? "on" : synchronousCommit }
}
