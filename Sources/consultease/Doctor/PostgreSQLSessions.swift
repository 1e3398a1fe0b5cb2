// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Checks the other sessions: the leader, standbys, and sessions that block others.
enum PostgreSQLSessions {
    /// Finds the session that holds the leader's lock.
    static func leader(_ connection: any Connection, isServed: Bool) throws -> Finding {
        let row = try connection.first(
            """
            SELECT a.pid::bigint, coalesce(host(a.client_addr), 'this machine'),
                coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '?'),
                coalesce(a.application_name, '?')
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (l.classid::bigint << 32 | l.objid::bigint) = \(leaderLock)
            """)
        guard let row else {
            guard isServed else { return .skipped("leader", "no server uses this folder now") }
            return .failed(
                "leader", "no server leads, so no server listens to the desks",
                fix: "one takes over within 5 s; if none does, read their logs: journalctl -u consultease")
        }
        let (pid, place) = (try row.get(0, as: Int64.self), try row.get(1, as: String.self))
        let (since, name) = (try row.get(2, as: String.self), try row.get(3, as: String.self))
        return .ok("leader", "\(name) on \(place) since \(since) (PostgreSQL's process \(pid))")
    }

    /// The key of the leader's advisory lock: "consulte" in ASCII.
    private static let leaderLock: Int64 = 0x636F_6E73_756C_7465

    /// Finds transactions that were left open: such a transaction may lock the revision's row, which every writer
    /// needs.
    static func openTransactions(_ connection: any Connection) throws -> Finding {
        let rows = try connection.query(
            """
            SELECT pid::bigint, coalesce(application_name, '?'), extract(epoch FROM now() - xact_start)::bigint
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                AND xact_start < now() - interval '30 seconds' AND query NOT LIKE 'COPY %'
            ORDER BY xact_start LIMIT 5
            """)
        guard let first = rows.first else { return .ok("open-transactions", "none is older than 30 s") }
        let list = try rows.map { row in
            "\(try row.get(1, as: String.self)), process \(try row.get(0, as: Int64.self)), for \(try row.get(2, as: Int64.self)) s"
        }
        return .failed(
            "open-transactions", list.joined(separator: "; "),
            fix:
                "end a forgotten shell, or its session: SELECT pg_terminate_backend(\(try first.get(0, as: Int64.self)))"
        )
    }

    private static let greatestLag: Int64 = 64_000_000

    /// Checks the replication slots of the primary.
    static func replication(_ connection: any Connection) throws -> Finding {
        let rows = try connection.query(
            """
            SELECT coalesce(application_name, '?'), coalesce(state, ''),
                pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint FROM pg_stat_replication ORDER BY 1
            """)
        let slots = try connection.query(
            "SELECT slot_name::text FROM pg_replication_slots WHERE NOT active ORDER BY 1"
        ).map { try $0.get(0, as: String.self) }
        guard slots.isEmpty else {
            return .failed(
                "replication",
                "no standby reads from \(slots.joined(separator: ", ")), and its journal grows without end",
                fix: "start the standby, or: SELECT pg_drop_replication_slot('\(slots[0])')")
        }
        guard !rows.isEmpty else { return .ok("replication", "no standby follows") }
        var late: [String] = []
        var listed: [String] = []
        for row in rows {
            let name = try row.get(0, as: String.self)
            guard let behind = try row.get(2, as: Int64?.self) else {
                listed.append("\(name) (its lag is shown to members of pg_monitor alone)")
                continue
            }
            let text = "\(name) \(try row.get(1, as: String.self)), \(behind / 1_000_000) MB behind"
            listed.append(text)
            if behind > greatestLag { late.append(text) }
        }
        guard !late.isEmpty else { return .ok("replication", listed.joined(separator: "; ")) }
        return .failed(
            "replication", late.joined(separator: "; "),
            fix: "look at the standby's log and the network between; promoted now, it would lack the newest commits")
    }
}
