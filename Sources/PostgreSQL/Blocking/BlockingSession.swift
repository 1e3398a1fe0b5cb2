// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import SQL

/// A database session of another program that keeps the server from writing: its open transaction locks the revision's
/// row, or a row that a session of the server waits for.
package struct BlockingSession: Sendable, Hashable, CustomStringConvertible {
    /// The id of the session's process on the database server.
    package let pid: Int64
    package let user: String
    package let application: String
    /// The client's address; nil if the session uses a Unix socket, or the server's role may not see it.
    package let address: String?
    /// When its transaction began, as ISO 8601 in UTC; nil if the server's role may not see it (`pg_monitor` may).
    package let since: String?
    /// How long its transaction has been open, in milliseconds.
    package let age: Int64?

    /// A text for people: "process 4711, juan with psql on 192.0.2.7, in a transaction since 2026-11-24T10:43:01Z".
    package var description: String {
        let place = address.map { " on \($0)" } ?? ""
        let began = since.map { ", in a transaction since \($0)" } ?? ""
        return "process \(pid), \(user) with \(application.isEmpty ? "no name" : application)\(place)\(began)"
    }

    /// Returns all blocking sessions, the oldest first.
    ///
    /// A writer locks the table `revision` until its transaction ends, so it is always found. A session that has locked
    /// another row is found only while a session of the server waits for it. A session that itself waits is left out:
    /// another one causes the wait.
    package static func all(_ connection: any Connection) throws -> [BlockingSession] {
        try connection.query(
            """
            WITH ours AS (
                SELECT pid, wait_event_type FROM pg_stat_activity
                WHERE datname = current_database() AND usename = current_user
                    AND starts_with(application_name, \(PostgreSQLConfiguration.program))
            ), blocking AS (
                SELECT unnest(pg_blocking_pids(pid)) AS pid FROM ours WHERE wait_event_type = 'Lock'
                UNION
                SELECT pid FROM pg_locks
                WHERE locktype = 'relation' AND granted AND relation = to_regclass('revision')
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND mode NOT IN ('AccessShareLock', 'ShareUpdateExclusiveLock')
            )
            SELECT a.pid::bigint, coalesce(a.usename::text, '?'), coalesce(a.application_name, ''), host(a.client_addr),
                to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint
            FROM pg_stat_activity a JOIN blocking USING (pid)
            WHERE a.pid NOT IN (SELECT pid FROM ours)
                AND NOT EXISTS (SELECT 1 FROM pg_locks w WHERE w.pid = a.pid AND NOT w.granted)
            ORDER BY a.xact_start NULLS LAST, a.pid
            """
        ).map { row in
            BlockingSession(
                pid: try row.get(0), user: try row.get(1), application: try row.get(2), address: try row.get(3),
                since: try row.get(4), age: try row.get(5))
        }
    }

    /// Ends the session, which rolls its transaction back. Throws `cannotOpen` if the server's role may not do this
    /// (`pg_signal_backend` may end sessions of other roles, except superusers'). Returns false if the session has
    /// already gone.
    static func end(_ pid: Int64, _ connection: any Connection) throws -> Bool {
        try connection.first("SELECT pg_terminate_backend(\(pid)::integer)")?.get(0) ?? false
    }
}
