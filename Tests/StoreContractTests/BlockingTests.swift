// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import PostgreSQL
import SQL
import Store
import TestSupport
import Testing

@Suite("A session of another program that blocks all writes", .timeLimit(.minutes(3)))
struct BlockingTests {
    /// Runs `body` while an operator's transaction is open in a shell.
    private func withOpenTransaction(
        _ fixture: StoreFixture, _ statement: String, _ body: (PostgreSQLEngine) async throws -> Void
    ) async throws {
        let postgres = try #require(fixture.postgres)
        let engine = PostgreSQLEngine(
            configuration: try PostgresServer.configuration(of: postgres.url), logger: quietLogger)
        defer { try? engine.close() }
        // The task ends below, or by what is tested.
        let shell = Task { try? await fixture.outside("BEGIN; \(statement); SELECT pg_sleep(600)") }
        try await eventually("the transaction is open") {
            try await fixture.outside(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid() AND wait_event = 'PgSleep' AND datname = current_database()"
            ) == "1"
        }
        do {
            try await body(engine)
        } catch {
            try await postgres.server.terminateBackends(of: postgres.url, where: "query LIKE '%pg_sleep(600)%'")
            throw error
        }
        try await postgres.server.terminateBackends(of: postgres.url, where: "query LIKE '%pg_sleep(600)%'")
        _ = await shell.value
    }

    @Test func isNamedWithoutAWaiter() async throws {
        try await withStore(.postgreSQL) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            try await withOpenTransaction(fixture, "UPDATE faculty SET room = '7' WHERE id = \(id)") { engine in
                let found = try await engine.read { try BlockingSession.all($0) }
                #expect(found.map(\.user) == ["consultease"] && found.map(\.application) == ["psql"])
                #expect(found.first?.since?.hasSuffix("Z") == true && found.first?.age != nil)
            }
            #expect(try await fixture.store.engine.read { try BlockingSession.all($0) }.isEmpty)
        }
    }

    @Test func isSeenWhereItHasLockedOneRowThatOursWaitsFor() async throws {
        try await withStore(.postgreSQL) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            try await withOpenTransaction(fixture, "SELECT 1 FROM faculty WHERE id = \(id) FOR UPDATE") { engine in
                #expect(try await engine.read { try BlockingSession.all($0) }.isEmpty)
                // The write gives up after the lock's time-out, or when the shell ends.
                let waiting = Task {
                    try? await fixture.store.write {
                        try $0.connection.execute("UPDATE faculty SET room = '8' WHERE id = \(id)")
                    }
                }
                try await eventually("it is found") {
                    try await engine.read { try BlockingSession.all($0) }.map(\.application) == ["psql"]
                }
                _ = await waiting.value
            }
        }
    }

    @Test func isEndedByTheLeaderAloneAfterTheTimeThatIsSet() async throws {
        try await withStore(.postgreSQL) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            try await withOpenTransaction(fixture, "UPDATE faculty SET room = '7' WHERE id = \(id)") { engine in
                func watch(isLeader: Bool, limit: Duration?) -> BlockingWatch {
                    BlockingWatch(
                        engine: engine, limit: limit, reportAfter: .milliseconds(100), isLeader: { isLeader },
                        logger: quietLogger)
                }
                let standby = watch(isLeader: false, limit: .milliseconds(200))
                let patient = watch(isLeader: true, limit: nil)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for watch in [standby, patient] { group.addTask { await watch.run() } }
                    defer { group.cancelAll() }
                    let began = ContinuousClock.now
                    try await eventually("both name it, and leave it alone") {
                        standby.words?.contains("user consultease") == true
                            && patient.words?.contains("user consultease") == true
                            && began.duration(to: .now) > .seconds(1)
                    }
                    #expect(try await engine.read { try BlockingSession.all($0) }.count == 1)
                    let leader = watch(isLeader: true, limit: .milliseconds(300))
                    group.addTask { await leader.run() }
                    try await eventually("it is ended") {
                        try await engine.read { try BlockingSession.all($0) }.isEmpty
                    }
                }
                try await fixture.store.write { _ in }
                #expect(try await fixture.store.read { try FacultyRepository($0).find(id) }?.profile.room == nil)
            }
        }
    }

    /// A role without `pg_signal_backend` may not end another role's session.
    @Test func aRoleThatMayNotEndItIsToldSo() async throws {
        try await withStore(.postgreSQL) { fixture in
            let postgres = try #require(fixture.postgres)
            _ = try await fixture.outside("CREATE ROLE humble LOGIN")
            let place = postgres.server.url(PostgresServer.name(in: postgres.url), role: "humble")
            let humble = PostgreSQLEngine(
                configuration: try PostgresServer.configuration(of: place), logger: quietLogger)
            let id = try await fixture.store.addFaculty("Dr. A").value
            try await withOpenTransaction(fixture, "UPDATE faculty SET room = '7' WHERE id = \(id)") { _ in
                let found = try await humble.read { try BlockingSession.all($0) }
                #expect(found.map(\.user) == ["consultease"], "the user is visible, but not the beginning")
                let pid = try #require(found.first?.pid)
                let refusal = try await #require(throws: SQLError.self) {
                    _ = try await humble.read { try $0.query("SELECT pg_terminate_backend(\(pid)::integer)") }
                }
                #expect(refusal.code == .cannotOpen)
            }
            try humble.close()
            _ = try await fixture.outside("DROP ROLE humble")
        }
    }
}
