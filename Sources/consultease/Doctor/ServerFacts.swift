// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// Facts that a PostgreSQL server reports about itself and this session.
struct ServerFacts: Sendable {
    let version: String
    /// For example 150004 for version 15.4.
    let versionNumber: Int
    let bytes: Int64
    let isStandby: Bool
    let isReadOnly: Bool
    /// The default values of the settings that lose commits if they are `off`.
    let durability: [String: String]
    /// This session's time-outs; "0" means none.
    let timeouts: [String: String]
    /// The connection's TLS version and cipher; nil if it isn't encrypted.
    let encryption: String?
    /// Whether the session uses a Unix socket or the loopback interface.
    let isLocal: Bool
    let connections: Int
    let connectionLimit: Int
    /// How many milliseconds this machine's clock is ahead of the server's, plus the time of one query.
    let clockDifference: Int64

    init(_ connection: any Connection) throws {
        let row = try Self.only(
            connection,
            """
            SELECT current_setting('server_version'), current_setting('server_version_num')::bigint,
                pg_database_size(current_database())::bigint, pg_is_in_recovery()::int::bigint,
                (current_setting('default_transaction_read_only') = 'on')::int::bigint,
                (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::bigint,
                current_setting('max_connections')::bigint,
                (inet_client_addr() IS NULL OR inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1')
                    ::int::bigint
            """)
        version = try row.get(0)
        versionNumber = Int(try row.get(1, as: Int64.self))
        bytes = try row.get(2)
        isStandby = try row.get(3)
        isReadOnly = try row.get(4)
        connections = Int(try row.get(5, as: Int64.self))
        connectionLimit = Int(try row.get(6, as: Int64.self))
        isLocal = try row.get(7)
        durability = try Self.settings(
            connection, "reset_val", ["fsync", "full_page_writes", "synchronous_commit"])
        timeouts = try Self.settings(
            connection, "current_setting(name)",
            ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"])
        encryption = try connection.first(
            "SELECT version || ' ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
        )?.get(0, as: String.self)
        let now = try Self.only(connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
        clockDifference = (WallClock.now() - Timestamp(milliseconds: try now.get(0))).milliseconds
    }

    private static func settings(
        _ connection: any Connection, _ column: StaticString, _ names: [String]
    ) throws -> [String: String] {
        let rows = try connection.query(
            "SELECT name, \(literal: column) FROM pg_settings WHERE name \(in: names)")
        return Dictionary(
            uniqueKeysWithValues: try rows.map { (try $0.get(0, as: String.self), try $0.get(1, as: String.self)) })
    }

    private static func only(_ connection: any Connection, _ statement: SQLStatement) throws -> SQLRow {
        guard let row = try connection.first(statement) else {
            throw SQLError(code: .unexpectedValue, message: "the server gave no answer")
        }
        return row
    }
}
