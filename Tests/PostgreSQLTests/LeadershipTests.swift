// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("PostgreSQL: one leader", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct LeadershipTests {
    private let leads = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"

    @Test func theSecondTakesOverWhenTheFirstIsCutOff() async throws {
        try await withFixture { fixture in
            try await fixture.withEngine { first in
                try await fixture.withEngine { second in
                    let term = try await first.lead()
                    try await term.insert(1)
                    let candidate = Task { try await second.lead() }
                    #expect(try await fixture.terminate(where: leads) == 1)
                    let next = try await candidate.value
                    await term.ended()
                    #expect(await code { try await term.insert(2) } == .notLeader)
                    #expect(await code { try await term.requireHeld() } == .notLeader)
                    try await next.requireHeld()
                    try await next.insert(3)
                    #expect(try await fixture.psql("SELECT string_agg(id::text, ',' ORDER BY id) FROM item") == "1,3")
                    await next.resign()
                }
            }
        }
    }

    @Test func resigningLetsTheNextOneLead() async throws {
        try await withFixture { fixture in
            try await fixture.withEngine { first in
                try await fixture.withEngine { second in
                    let term = try await first.lead()
                    async let candidate = second.lead()
                    await term.resign()
                    await term.ended()
                    #expect(await code { try await term.insert(1) } == .notLeader)
                    try await candidate.insert(2)
                    try await candidate.requireHeld()
                }
            }
        }
    }

    @Test func aTermThatIsDroppedIsOver() async throws {
        try await withFixture { fixture in
            try await fixture.withEngine { engine in
                do {
                    let term = try await engine.lead()
                    try await term.requireHeld()
                }
                let next = try await engine.lead()
                try await next.insert(1)
            }
        }
    }

    @Test func aCandidateCanBeCancelled() async throws {
        try await withEngine { engine, _ in
            let term = try await engine.lead()
            let candidate = Task { try await engine.lead() }
            candidate.cancel()
            await #expect(throws: CancellationError.self) { try await candidate.value }
            try await term.requireHeld()
        }
    }

    @Test func aLeaderThatRestsKeepsItsLock() async throws {
        var limits = PostgreSQLConfiguration.Limits()
        limits.leaderSilence = .milliseconds(1500)
        try await withEngine(limits: limits) { engine, fixture in
            let term = try await engine.lead()
            let began = ContinuousClock.now
            try await eventually("twice the silence has passed") { ContinuousClock.now - began > .seconds(3) }
            try await term.requireHeld()
            try await term.insert(1)
        }
    }

    @Test func aLeaderThatIsCutOffLosesItsLockByTheServersOwnDoing() async throws {
        try await withFixture { fixture in
            let proxy = try PostgresProxy(to: fixture.server.port)
            defer { proxy.stop() }
            try await fixture.withEngine(port: proxy.port) { first in
                try await fixture.withEngine { second in
                    let term = try await first.lead()
                    proxy.block(true)
                    let began = ContinuousClock.now
                    let next = try await second.lead()
                    #expect(ContinuousClock.now - began < .seconds(30))
                    proxy.block(false)
                    let code = await code { try await term.insert(1) }
                    #expect(code == .notLeader)
                    try await next.insert(2)
                    #expect(try await second.count() == 1)
                }
            }
        }
    }

    @Test func aTransactionWithinWhichTheSessionEndedWritesNothing() async throws {
        try await withEngine { engine, fixture in
            let term = try await engine.lead()
            let stop = Stop()
            let writing = Task {
                try await term.write { connection in
                    try connection.execute("INSERT INTO item VALUES (1, 'a')")
                    stop.block()
                }
            }
            await stop.isReached()
            #expect(try await fixture.terminate(where: leads) == 1)
            stop.release()
            #expect(await code { try await writing.value } == .connectionLost)
            await term.ended()
            #expect(try await engine.count() == 0)
        }
    }
}
