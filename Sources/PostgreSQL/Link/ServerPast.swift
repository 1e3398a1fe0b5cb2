// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Which server a connection leads to, and which past of it: what has to be the same before a server is believed about a
/// transaction of an earlier connection.
struct ServerPast: Sendable, Hashable {
    /// Given by `initdb`, and the same on a cluster's standbys. Nil where the role may not ask.
    let systemIdentifier: String?
    /// Eight hexadecimal digits, another one after each promotion. Nil on a standby.
    let timeline: String?
    /// Changes whenever the server recovers from a crash, which empties its statistics. The number of a transaction of which
    /// nothing had reached the disk may be another transaction's afterwards.
    let crashMark: String

    /// Whether this is one line of events with `other`'s, crashes aside.
    func isSameCluster(as other: ServerPast) -> Bool {
        systemIdentifier == other.systemIdentifier && timeline != nil && timeline == other.timeline
    }

    static func read(over link: Link) throws(SQLError) -> ServerPast {
        let row = try link.row(
            """
            SELECT CASE WHEN pg_is_in_recovery() THEN NULL
                        ELSE substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) END,
                   (SELECT stats_reset::text FROM pg_stat_wal)
            """)
        let crashMark: String? = try row.get(1)
        return ServerPast(
            systemIdentifier: try systemIdentifier(link), timeline: try row.get(0), crashMark: crashMark ?? "")
    }

    private static func systemIdentifier(_ link: Link) throws(SQLError) -> String? {
        do {
            let value: Int64 = try link.row("SELECT system_identifier FROM pg_control_system()").get(0)
            return String(value)
        } catch  where error.code == .statement {
            return nil
        }
    }
}

/// What of a server's settings a durable commit rests on.
struct Durability: Sendable, Hashable {
    let version: Int64
    let fsync: String
    let synchronousCommit: String

    static func read(over link: Link) throws(SQLError) -> Durability {
        let row = try link.row(
            """
            SELECT current_setting('server_version_num')::bigint, current_setting('fsync'),
                   current_setting('synchronous_commit')
            """)
        let version: Int64 = try row.get(0)
        guard version >= 140_000 else {
            throw SQLError(
                code: .cannotOpen, message: "the server is PostgreSQL \(version / 10_000): use PostgreSQL 14 or newer")
        }
        return Durability(version: version, fsync: try row.get(1), synchronousCommit: try row.get(2))
    }

    /// `local` doesn't wait for the standby that may have to take over.
    var isWeak: Bool { fsync == "off" || commitsTooSoon }

    var commitsTooSoon: Bool { ["off", "local"].contains(synchronousCommit) }
}
