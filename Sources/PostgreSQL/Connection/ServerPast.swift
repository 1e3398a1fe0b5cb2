// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Which server a connection leads to, and which past of it: what has to be the same before a server is believed about
/// a transaction of an earlier connection.
struct ServerPast: Sendable, Hashable, CustomStringConvertible {
    /// Given by `initdb`, and the same on a cluster's standbys. Nil if the role may not ask.
    let systemIdentifier: String?
    /// Eight hexadecimal digits, another one after each promotion. Nil on a standby.
    let timeline: String?
    /// Changes whenever the server recovers from a crash, which empties its statistics. The number of a transaction of
    /// which nothing had reached the disk may be another transaction's afterwards.
    let crashMark: String

    /// Whether this is one line of events with `other`'s, crashes aside.
    func isSameCluster(as other: ServerPast) -> Bool {
        systemIdentifier == other.systemIdentifier && timeline != nil && timeline == other.timeline
    }

    /// Whether a connection with this past leads to a server that new connections no longer reach, since another one
    /// has found `present`. What isn't known differs from nothing: a standby has no timeline, and follows one.
    func isOver(in present: ServerPast) -> Bool {
        if let one = systemIdentifier, let other = present.systemIdentifier, one != other { return true }
        if let one = timeline, let other = present.timeline, one != other { return true }
        return false
    }

    var description: String { "\(systemIdentifier ?? "?"), timeline \(timeline ?? "of a standby")" }

    /// The expression that asks for the timeline.
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

/// What of a server's settings a durable commit rests on.
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

    /// Names come in every script: another encoding can't hold them, and what can't be stored can't be acknowledged.
    private static func wrong(encoding: String) -> SQLError {
        SQLError(
            code: .cannotOpen,
            message:
                "the database has the encoding \(encoding), and has to have UTF8: make another with CREATE DATABASE NAME TEMPLATE template0 ENCODING 'UTF8', and copy this one into it with pg_dump and psql"
        )
    }

    var isWeak: Bool { fsync == "off" || synchronousCommit == "off" }

    /// What a session of ours keeps, whatever becomes of the server's setting: what was found, unless it answers a
    /// COMMIT before that is on the disk. `local` is, and whether a standby has to have it too is the operator's to
    /// say.
    var keptSynchronousCommit: String { synchronousCommit == "off" ? "on" : synchronousCommit }
}
