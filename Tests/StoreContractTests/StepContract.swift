// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

@Suite("Promise 9: correcting the clock ages no evidence")
struct StepContract {
    @Test(arguments: TestEngine.allCases)
    func aUnitHeardInTheTermStaysAsLiveAsBefore(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let (id, unit) = try await desk(fixture)
            fixture.store.beginTerm(named: "first")
            try await fixture.store.hear(unit, of: id, presence: .present)
            fixture.time.advance(by: .seconds(30))
            fixture.time.step(by: .minutes(60))
            try await fixture.store.write { _ in }
            #expect(try await fixture.store.card(id)?.availability.state == .available)
            #expect(try await heardAt(fixture) == fixture.store.now - .seconds(30))
            // The time of silence continues from where it was.
            fixture.time.advance(by: .seconds(59))
            try await fixture.store.write { _ in }
            #expect(try await fixture.store.card(id)?.availability.state == .available)
            fixture.time.advance(by: .seconds(1))
            try await fixture.store.write { _ in }
            #expect(try await fixture.store.card(id)?.availability.state == .unknown)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func everyStepMovesItOnceWhoeverWritesFirst(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let (id, unit) = try await desk(fixture)
            fixture.store.beginTerm(named: "first")
            try await fixture.store.hear(unit, of: id, presence: .present)
            for _ in 0..<2 {
                fixture.time.step(by: .minutes(60))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { try await fixture.store.write { _ in } } }
                    try await group.waitForAll()
                }
                #expect(try await heardAt(fixture) == fixture.store.now)
            }
        }
    }

    /// An earlier term used another clock, and nothing is known about that one.
    @Test(arguments: TestEngine.allCases)
    func evidenceBeforeTheTermKeepsItsAge(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let (id, unit) = try await desk(fixture)
            try await fixture.store.hear(unit, of: id, presence: .present)
            fixture.time.advance(by: .seconds(1))
            fixture.store.beginTerm(named: "second")
            fixture.time.step(by: .minutes(60))
            try await fixture.store.write { _ in }
            #expect(try await fixture.store.card(id)?.availability.state == .unknown)
        }
    }

    /// Two servers must not both move the times: only the one that ingests does.
    @Test(arguments: TestEngine.allCases)
    func aStandbyMovesNothing(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let (id, unit) = try await desk(fixture)
            fixture.store.beginTerm(named: "first")
            try await fixture.store.hear(unit, of: id, presence: .present)
            let before = try await heardAt(fixture)
            fixture.store.take(.standingBy)
            fixture.time.step(by: .minutes(60))
            try await fixture.store.write { _ in }
            #expect(try await heardAt(fixture) == before)
        }
    }

    /// An operator may have written any number into the rows. Past times are moved; a later one stays, because its sum
    /// would keep every transaction from committing.
    @Test(arguments: TestEngine.allCases, [Int64.min, .max - 1, .max])
    func noNumberThatAnOutsiderStoredStopsAStep(_ engine: TestEngine, number: Int64) async throws {
        try await withStore(engine) { fixture in
            let (id, unit) = try await desk(fixture)
            fixture.store.beginTerm(named: "first")
            let columns = [
                ("unit_link", "uptime_at"), ("unit_link", "started_at"), ("unit_link", "heartbeat_at"),
                ("unit_link", "heard_at"), ("presence", "evidence_at"),
            ]
            for (table, column) in columns {
                try await fixture.store.hear(unit, of: id, presence: .present)
                try await fixture.edit("UPDATE \(table) SET \(column) = \(number)")
                let hasCome = number < 0 && column != "heard_at"
                fixture.time.step(by: .minutes(60))
                try await fixture.store.write { _ in }
                let stored = try await fixture.store.read {
                    try $0.connection.first(.init(stringLiteral: "SELECT \(column) FROM \(table)"))?.get(
                        0, as: Int64.self)
                }
                #expect(stored == (hasCome ? number + Span.minutes(60).milliseconds : number), "\(column)")
            }
        }
    }

    /// The row that holds a term's progress may have any content too.
    @Test(arguments: TestEngine.allCases)
    func badStepRowsOfAnotherProgramStopNoTransaction(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let (id, unit) = try await desk(fixture)
            fixture.store.beginTerm(named: "first")
            try await fixture.store.hear(unit, of: id, presence: .present)
            try await fixture.edit("INSERT INTO meta (key, value) VALUES ('clock_steps', 'first \(Int64.min)')")
            fixture.time.step(by: .minutes(60))
            try await fixture.store.write { _ in }
            #expect(try await heardAt(fixture) == fixture.store.now)
        }
    }

    private func desk(_ fixture: StoreFixture) async throws -> (FacultyID, UnitID) {
        let id = try await fixture.store.addFaculty("Dr. A").value
        return (id, UnitID(dialect1: id))
    }

    private func heardAt(_ fixture: StoreFixture) async throws -> Timestamp {
        try await fixture.store.read {
            try #require(try $0.connection.first("SELECT heard_at FROM unit_link")).get(0)
        }
    }
}
