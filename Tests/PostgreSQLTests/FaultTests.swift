// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import Synchronization
import TestSupport
import Testing

@Suite("PostgreSQL: faults", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct FaultTests {
    @Test func aConnectionThatEndsWithinATransactionIsLostAndReplaced() async throws {
        try await withEngine { engine, fixture in
            let stop = Stop()
            let writing = Task {
                try await engine.write { connection in
                    try connection.execute("INSERT INTO item VALUES (1, 'a')")
                    stop.block()
                    try connection.execute("INSERT INTO item VALUES (2, 'b')")
                }
            }
            await stop.isReached()
            #expect(try await fixture.terminate() == 1)
            stop.release()
            #expect(await code { try await writing.value } == .connectionLost)
            #expect(try await engine.count() == 0)
            try await engine.insert(3)
            #expect(try await engine.count() == 1)
        }
    }

    @Test func aConnectionThatEndsWhileItRestsIsReplacedUnnoticed() async throws {
        try await withEngine { engine, fixture in
            try await engine.insert(1)
            _ = try await engine.count()
            #expect(try await fixture.terminate() == 2)
            try await engine.insert(2)
            #expect(try await engine.count() == 2)
        }
    }

    @Test func aReadIsRepeatedOnceAfterItsConnectionWasLost() async throws {
        try await withEngine { engine, fixture in
            let runs = Atomic(0)
            let stop = Stop()
            let reading = Task {
                try await engine.read { connection in
                    if runs.add(1, ordering: .relaxed).newValue == 1 { stop.block() }
                    return try connection.query("SELECT 7")[0].get(0, as: Int64.self)
                }
            }
            await stop.isReached()
            try await fixture.terminate()
            stop.release()
            #expect(try await reading.value == 7)
            #expect(runs.load(ordering: .relaxed) == 2)
        }
    }

    @Test func aServerThatRestartsIsFoundAgain() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        let fixture = EngineFixture(server: server, url: try await server.newDatabase())
        _ = try await fixture.psql("CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
        try await fixture.withEngine { engine in
            try await engine.insert(1)
            try await server.restart()
            try await engine.insert(2)
            #expect(try await engine.count() == 2)
            try await server.restart(crash: true)
            _ = try await eventuallyValue { try await engine.count() }
            try await eventually("a write succeeds") { await code { try await engine.insert(3) } == nil }
        }
    }

    @Test func waitingForAConnectionHasABound() async throws {
        var limits = PostgreSQLConfiguration.Limits()
        limits.writers = 1
        limits.queueLimit = 1
        limits.queueTimeout = .milliseconds(200)
        try await withEngine(limits: limits) { engine, _ in
            let stop = Stop()
            let holding = Task { try await engine.write { _ in stop.block() } }
            await stop.isReached()
            let late = await #expect(throws: SQLError.self) { try await engine.insert(1) }
            #expect(late?.code == .busy)
            #expect(late?.message.contains("0.2 seconds") == true)
            // Now one transaction waits, and the next finds the queue full.
            async let waiting = code { try await engine.insert(2) }
            let crowded = await withTaskGroup(of: SQLError.Code?.self) { group in
                for number in 3..<10 { group.addTask { await code { try await engine.insert(Int64(number)) } } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(crowded.allSatisfy { $0 == .busy })
            #expect(await waiting == .busy)
            stop.release()
            try await holding.value
            try await engine.insert(1)
        }
    }

    @Test func aDeadlockIsAConflict() async throws {
        try await withEngine { engine, fixture in
            _ = try await fixture.psql("INSERT INTO item VALUES (1, 'a'), (2, 'b')")
            let (first, second) = (Stop(), Stop())
            let update: @Sendable (Stop, Int64, Int64) async throws -> Void = { stop, one, other in
                try await engine.write { connection in
                    try connection.execute("UPDATE item SET name = 'x' WHERE id = \(one)")
                    stop.block()
                    try connection.execute("UPDATE item SET name = 'x' WHERE id = \(other)")
                }
            }
            async let one = code { try await update(first, 1, 2) }
            async let two = code { try await update(second, 2, 1) }
            await first.isReached()
            await second.isReached()
            first.release()
            second.release()
            let codes = await [one, two]
            #expect(codes.filter { $0 == .conflict }.count == 1)
            #expect(codes.filter { $0 == nil }.count == 1)
        }
    }

    @Test func waitingForARowHasABound() async throws {
        var limits = PostgreSQLConfiguration.Limits()
        limits.lockTimeout = .milliseconds(200)
        try await withEngine(limits: limits) { engine, fixture in
            _ = try await fixture.psql("INSERT INTO item VALUES (1, 'a')")
            let stop = Stop()
            let holding = Task {
                try await engine.write { connection in
                    try connection.execute("UPDATE item SET name = 'x'")
                    stop.block()
                }
            }
            await stop.isReached()
            let code = await code { try await engine.write { _ = try $0.execute("UPDATE item SET name = 'y'") } }
            #expect(code == .busy)
            stop.release()
            try await holding.value
        }
    }

    @Test func textThatPostgreSQLCanNotHoldIsAFaultOfTheData() async throws {
        try await withEngine { engine, _ in
            let error = await #expect(throws: SQLError.self) { try await engine.insert(1, "se\u{0}cret") }
            #expect(error?.code == .constraint)
            #expect(error?.message.contains("22021") == true)
        }
    }

    @Test func noMessageHasAValue() async throws {
        try await withEngine { engine, _ in
            let secret = "secret-value"
            for statement: SQLStatement in [
                "SELECT \(secret)::bigint", "INSERT INTO item VALUES (1, \(secret)), (1, \(secret))",
                "SELECT length(\(secret)) / 0",
            ] {
                let error = await #expect(throws: SQLError.self) {
                    try await engine.write { _ = try $0.query(statement) }
                }
                #expect(error?.code == .constraint)
                #expect(error?.message.contains(secret) == false)
            }
        }
    }

    @Test func aDatabaseThatIsNotThereIsNamedWithItsRemedy() async throws {
        let server = try await PostgresServer.shared()
        let configuration = try PostgreSQLConfiguration(url: server.url("nowhere"))
        let error = await #expect(throws: SQLError.self) {
            try await PostgreSQLEngine.open(configuration: configuration, logger: EngineFixture.quiet)
        }
        #expect(error?.code == .cannotOpen)
        #expect(error?.message.contains("3D000") == true)
        #expect(error?.message.contains("make the database") == true)
    }

    @Test func aServerThatIsNotThereCanNotBeOpened() async throws {
        let configuration = try PostgreSQLConfiguration(url: "postgres://me@127.0.0.1:\(try freePort())/x")
        let error = await #expect(throws: SQLError.self) {
            try await PostgreSQLEngine.open(configuration: configuration, logger: EngineFixture.quiet)
        }
        #expect(error?.code == .cannotOpen)
        #expect(error?.message.contains("postgres://me@127.0.0.1") == true)
    }

    /// A copy of the database that replaces it on the same cluster must differ too.
    @Test func theTimelineNamesTheClusterTheDatabaseAndTheTable() async throws {
        try await withEngine { engine, fixture in
            let identifier = try await fixture.psql("SELECT system_identifier FROM pg_control_system()")
            let database = try await fixture.psql("SELECT oid FROM pg_database WHERE datname = current_database()")
            let without = try await engine.read { try $0.timeline() }
            #expect(without == "\(identifier)-00000001-\(database)-0")
            _ = try await fixture.psql("CREATE TABLE revision (n BIGINT)")
            let table = try await fixture.psql("SELECT 'revision'::regclass::oid")
            let with = try await engine.write { try $0.timeline() }
            #expect(with == "\(identifier)-00000001-\(database)-\(table)")
        }
    }

    @Test func aClosedEngineLeavesNoConnectionAndRefuses() async throws {
        try await withFixture { fixture in
            try await fixture.withEngine { engine in
                try await engine.insert(1)
                _ = try await engine.count()
                _ = try await engine.outsideVersion()
                let term = try await engine.lead()
                try engine.close()
                try await eventually("no connection is left") {
                    try await fixture.server.psql(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(PostgresServer.name(in: fixture.url))'",
                        database: "postgres") == "0"
                }
                #expect(await code { try await engine.insert(2) } == .other)
                #expect(await code { try await term.insert(2) } == .notLeader)
                #expect(await code { _ = try await engine.count() } == .other)
            }
        }
    }
}

/// Returns the value of `body` after it no longer throws.
private func eventuallyValue<Value>(_ body: () async throws -> Value) async throws -> Value {
    var value: Value?
    try await eventually {
        value = try? await body()
        return value != nil
    }
    return try #require(value)
}
