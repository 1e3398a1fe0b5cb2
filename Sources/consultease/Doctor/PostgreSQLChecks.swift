// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import Store

/// Checks a PostgreSQL server: it is reachable, recent enough, the primary, durable, writable, and not blocked.
struct PostgreSQLChecks: Sendable {
    private let engine: PostgreSQLEngine
    private let configuration: PostgreSQLConfiguration
    private let isServed: Bool

    private static let names =
        [
            "schema", "database-version", "primary", "database-encoding", "durability", "timeouts", "database-tls",
            "privileges",
            "connections", "open-transactions", "replication", "leader",
        ] + clockNames
    private static let clockNames = ["database-clock", "clock-and-database"]
    private static let oldest = 150_000

    static func open(
        _ configuration: PostgreSQLConfiguration, isServed: Bool, former: FormerLife
    ) async -> DatabaseChecks {
        let engine: PostgreSQLEngine
        let facts: ServerFacts
        do {
            engine = try await PostgreSQLEngine.open(configuration: configuration, logger: OpenedStore.quiet)
            facts = try await engine.read { try ServerFacts($0) }
        } catch {
            let isEncoding = "\(error)".contains("has the encoding")
            let finding = Finding.failed(
                "database", "\(configuration): \(error)",
                fix: isEncoding
                    ? "CREATE DATABASE consultease_utf8 OWNER consultease TEMPLATE template0 ENCODING 'UTF8'; pg_dump the old one into it with psql; then name it with --database"
                    : "is it up, and does it take this user? psql -h HOST -U USER DATABASE; the password comes from CONSULTEASE_DATABASE_PASSWORD; pg_hba.conf and a firewall decide who may"
            )
            return DatabaseChecks(unopened: finding, names: names)
        }
        let checks = PostgreSQLChecks(engine: engine, configuration: configuration, isServed: isServed)
        return await DatabaseChecks(
            engine, named: "\(configuration)", detail: ", PostgreSQL \(facts.version), \(facts.bytes / 1_000_000) MB",
            keeping: "make a backup with pg_dump", former: former
        ) { store in
            await checks.run(facts, store)
        }
    }

    private func run(_ facts: ServerFacts, _ store: Store?) async -> [Finding] {
        [
            version(facts), primary(facts), durability(facts), timeouts(facts), line(facts),
            await finding("privileges") { try await engine.read { try PostgreSQLPrivileges.finding($0) } },
            connections(facts),
            .ok("database-encoding", "UTF8"),
            await finding("open-transactions") { try await openTransactions() },
            await finding("replication") {
                if facts.isStandby { return .skipped("replication", "this is a standby itself") }
                return try await engine.read { try PostgreSQLSessions.replication($0) }
            },
            await finding("leader") { [isServed] in
                try await engine.read { try PostgreSQLSessions.leader($0, isServed: isServed) }
            },
            clock(facts),
            await finding("clock-and-database") { try await DatabaseChecks.clock(engine, store) },
        ]
    }

    private func version(_ facts: ServerFacts) -> Finding {
        guard facts.versionNumber < Self.oldest else { return .ok("database-version", facts.version) }
        return .failed(
            "database-version", "\(facts.version) is older than 15", fix: "upgrade it: pg_upgradecluster on Debian")
    }

    private func primary(_ facts: ServerFacts) -> Finding {
        guard facts.isStandby || facts.isReadOnly else { return .ok("primary", "it takes writes") }
        guard facts.isStandby else {
            return .failed(
                "primary", "default_transaction_read_only is on",
                fix: "ALTER DATABASE \(configuration.database) RESET default_transaction_read_only; and for the role")
        }
        return .failed(
            "primary", "it is a standby, which takes no writes",
            fix: "name the primary with --database; if that is lost, promote this one: SELECT pg_promote()")
    }

    /// Checks that commits are durable: an acknowledged message must survive a power cut.
    private func durability(_ facts: ServerFacts) -> Finding {
        let loose = facts.durability.filter { $0.value == "off" }.map(\.key).sorted()
        guard !loose.isEmpty else { return .ok("durability", "fsync, full_page_writes and synchronous_commit are on") }
        return .failed(
            "durability", "off: \(loose.joined(separator: ", ")): a power cut can lose what was acknowledged",
            fix: loose.map { "ALTER SYSTEM RESET \($0)" }.joined(separator: "; ") + "; SELECT pg_reload_conf()")
    }

    private func timeouts(_ facts: ServerFacts) -> Finding {
        let listed = facts.timeouts.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
        let endless = facts.timeouts.filter { $0.value == "0" }.map(\.key).sorted()
        guard !endless.isEmpty else { return .ok("timeouts", listed) }
        return .failed(
            "timeouts", "without end: \(endless.joined(separator: ", "))",
            fix: "a pooler between may swallow what a session sets: connect to PostgreSQL itself")
    }

    private func line(_ facts: ServerFacts) -> Finding {
        let verified = configuration.security.mode == .verifyFull
        let fix =
            "write ?sslmode=verify-full&sslrootcert=FILE into --database, FILE being the authority of its certificate"
        switch (facts.encryption, facts.isLocal, verified) {
        case (let encryption?, _, true): return .ok("database-tls", "\(encryption), the server's name is verified")
        case (_, true, _): return .ok("database-tls", "\(facts.encryption ?? "none"): it stays on this machine")
        case (let encryption?, false, false):
            return .failed(
                "database-tls", "\(encryption), but an attacker on the path could pose as the database", fix: fix)
        case (nil, false, _):
            return .failed("database-tls", "everything is sent in the clear", fix: "set ssl = on at the server; \(fix)")
        }
    }

    private func connections(_ facts: ServerFacts) -> Finding {
        let detail = "\(facts.connections) of \(facts.connectionLimit) are in use"
        guard facts.connections * 10 > facts.connectionLimit * 9 else { return .ok("connections", detail) }
        return .failed(
            "connections", detail,
            fix:
                "see whose: SELECT usename, application_name, count(*) FROM pg_stat_activity GROUP BY 1, 2; or raise max_connections"
        )
    }

    private static let greatestDifference: Int64 = 2_000

    private func clock(_ facts: ServerFacts) -> Finding {
        let difference = facts.clockDifference
        let detail = "\(abs(difference)) ms \(difference < 0 ? "behind" : "ahead of") the database's machine"
        guard abs(difference) > Self.greatestDifference else { return .ok("database-clock", detail) }
        return .failed("database-clock", "this machine is \(detail)", fix: "on both: \(ClockFix.text)")
    }

    /// Finds the sessions that block the server's writes, and idle open transactions, which may block them later.
    private func openTransactions() async throws -> Finding {
        var blocking = try await engine.read { try BlockingSession.all($0) }
        if blocking.contains(where: { ($0.age ?? 0) < Self.excusedAge }) {
            // Each writer holds this lock briefly, so only a lock that is held for long is a finding.
            try await Task.sleep(for: .milliseconds(Self.excusedAge))
            let before = Set(blocking.map(\.pid))
            blocking = try await engine.read { try BlockingSession.all($0) }.filter { before.contains($0.pid) }
        }
        guard let first = blocking.first else {
            return try await engine.read { try PostgreSQLSessions.openTransactions($0) }
        }
        return .failed(
            "open-transactions",
            "no server can write: \(blocking.map(\.description).joined(separator: "; "))",
            fix:
                "end its transaction there, or the session: SELECT pg_terminate_backend(\(first.pid)). The leader ends it by itself after database.block.limit"
        )
    }

    /// The shortest duration of an open transaction that counts as blocking.
    private static let excusedAge: Int64 = 3_000

    private func finding(_ name: String, _ body: () async throws -> Finding) async -> Finding {
        do {
            return try await body()
        } catch {
            return .failed(name, "\(error)", fix: "see the checks of the database above")
        }
    }
}
