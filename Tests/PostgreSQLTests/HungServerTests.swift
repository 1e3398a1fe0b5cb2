// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import PostgreSQL
import SQL
import Synchronization
import TestSupport
import Testing

@Suite("PostgreSQL: a server that doesn't answer", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct HungServerTests {
    @Test func everyWaitEndsAndTheNextTransactionWorks() async throws {
        try await withFixture { fixture in
            let proxy = try PostgresProxy(to: fixture.server.port)
            defer { proxy.stop() }
            var limits = PostgreSQLConfiguration.Limits()
            limits.statementTimeout = .seconds(2)
            limits.connectTimeout = .seconds(4)
            try await fixture.withEngine(port: proxy.port, limits: limits) { engine in
                try await engine.insert(1)
                proxy.block(true)
                #expect(await code { try await engine.insert(2) } == .connectionLost)
                proxy.block(false)
                try await engine.insert(3)
                let ids = try await fixture.psql("SELECT string_agg(id::text, ',' ORDER BY id) FROM item")
                #expect(ids == "1,3")
            }
        }
    }

    /// A Unix socket has no time-out of its own, and accepts only a part of a large statement if the server doesn't
    /// read.
    @Test func aServerThatStallsDuringALargeStatementDelaysNoOther() async throws {
        var limits = PostgreSQLConfiguration.Limits()
        limits.statementTimeout = .seconds(3)
        try await withFixture { fixture in
            try await fixture.withEngine(socket: true, limits: limits) { [limits] engine in
                let stopped = Mutex<pid_t?>(nil)
                defer { if let pid = stopped.withLock({ $0 }) { kill(pid, SIGCONT) } }
                let began = ContinuousClock.now
                let code = await code {
                    try await engine.write { connection in
                        // This prepares the statement, so the stopped server's first message is the large value.
                        try connection.execute("INSERT INTO item VALUES (\(Int64(0)), \("small"))")
                        let pid: Int64 = try connection.query("SELECT pg_backend_pid()")[0].get(0)
                        kill(pid_t(pid), SIGSTOP)
                        stopped.withLock { $0 = pid_t(pid) }
                        let text = String(repeating: "x", count: 16_000_000)
                        try connection.execute("INSERT INTO item VALUES (\(Int64(1)), \(text))")
                    }
                }
                #expect(code == .connectionLost)
                #expect(ContinuousClock.now - began < limits.statementTimeout + .seconds(45))
                if let pid = stopped.withLock({ $0 }) { kill(pid, SIGCONT) }
                try await engine.insert(2)
                #expect(try await engine.count() == 1)
            }
        }
    }

    @Test func aSlowAnswerIsAwaited() async throws {
        var limits = PostgreSQLConfiguration.Limits()
        limits.statementTimeout = .seconds(1)
        try await withEngine(limits: limits) { engine, _ in
            // The query takes longer than the server's time-out, and than the connection's own, which is 5 s longer.
            let answer = try await engine.read { connection in
                try connection.takeItsTime()
                _ = try connection.query("SELECT pg_sleep(6.5)::text")
                return try connection.query("SELECT 7")[0].get(0, as: Int64.self)
            }
            #expect(answer == 7)
            // The longer limit holds only for that one transaction.
            #expect(await code { _ = try await engine.read { try $0.query("SELECT pg_sleep(5)::text") } } == .timeout)
        }
    }
}
