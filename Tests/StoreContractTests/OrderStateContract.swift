// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import SQL
import Store
import TestSupport
import Testing
import Wire

@Suite("Message order is remembered as long as it can matter")
struct OrderStateContract {
    private let desk = UnitID("desk-1")

    /// Judges one event of a boot, as ingest does, and returns the verdict.
    private func send(_ boot: Int, _ seq: Int64, present: Bool, _ fixture: StoreFixture) async throws -> Verdict {
        let digits = String(boot, radix: 16)
        let boot = String(repeating: "0", count: 8 - digits.count) + digits
        let delivery = Delivery(
            topic: "consultease/v2/unit/desk-1/event",
            payload: Array(#"{"boot":"\#(boot)","seq":\#(seq),"type":"presence","present":\#(present)}"#.utf8),
            isRetained: false, arrivedAt: fixture.time.now())
        return try await judge(delivery, fixture)
    }

    private func judge(_ delivery: Delivery, _ fixture: StoreFixture) async throws -> Verdict {
        try await fixture.store.write { transaction in
            let repository = WorldRepository(transaction)
            let message = Message(decoding: delivery)
            let before = try repository.load(message.keys)
            var world = before
            let verdict = Judge.judge(message, in: &world)
            try repository.save(world, since: before)
            return verdict
        }.value
    }

    private func count(_ table: StaticString, _ fixture: StoreFixture) async throws -> Int64 {
        try await fixture.store.read { transaction in
            try #require(try transaction.connection.first("SELECT count(*) FROM \(literal: table)")).get(0)
        }
    }

    private func withDesk(_ engine: TestEngine, _ body: (StoreFixture, FacultyID) async throws -> Void) async throws {
        try await withStore(engine) { fixture in
            let faculty = try await fixture.store.addFaculty("Dr. A").value
            let desk = try #require(desk)
            try await fixture.store.write { try UnitRepository($0).add(desk, dialect: .two, faculty: faculty) }
            try await body(fixture, faculty)
        }
    }

    private func drop(_ fixture: StoreFixture) async throws {
        var after: String?
        repeat {
            let last = after
            let page = try await fixture.store.read { try WorldRepository($0).orderStatePage(after: last, count: 1) }
            #expect(page.units.count <= 1)
            for unit in page.units {
                var dropped = 0
                repeat {
                    dropped = try await fixture.store.write {
                        try WorldRepository($0).dropOldOrderState(of: [unit], atMost: 100)
                    }.value
                    #expect(dropped <= 200)
                } while dropped > 0
            }
            after = page.next
        } while after != nil
    }

    @Test(arguments: TestEngine.allCases)
    func theNewestEightBootsAreKeptHoweverOld(_ engine: TestEngine) async throws {
        try await withDesk(engine) { fixture, faculty in
            for boot in 1...20 {
                _ = try await send(boot, 1, present: boot.isMultiple(of: 2), fixture)
                fixture.time.advance(by: .seconds(60))
            }
            try await drop(fixture)
            #expect(try await count("unit_boot", fixture) == 20, "a day's boots are kept")
            fixture.time.advance(by: WorldRepository.rememberedTime)
            try await drop(fixture)
            #expect(try await count("unit_boot", fixture) == WorldRepository.rememberedBoots)
            let kept = try await fixture.store.read { transaction in
                try transaction.connection.query("SELECT boot FROM unit_boot ORDER BY boot").map {
                    Int(try $0.get(0, as: String.self), radix: 16)
                }
            }
            #expect(kept == Array(13...20))
            // Promise 8: a repeated event of a remembered boot is a duplicate, and its presence is not the newest.
            for boot in 13...19 {
                let again = try await send(boot, 1, present: !boot.isMultiple(of: 2), fixture)
                guard case .accepted(let acceptance) = again else {
                    Issue.record("\(again)")
                    continue
                }
                #expect(acceptance.isDuplicate)
            }
            _ = try await send(19, 2, present: false, fixture)
            let presence = try await fixture.store.read { transaction in
                try WorldRepository(transaction).load(WorldKeys(faculty: [faculty])).presences[faculty]
            }
            #expect(presence?.state == .present, "the newest boot's word stands")
        }
    }

    @Test(arguments: TestEngine.allCases)
    func thePresentBootStaysWhateverItsAge(_ engine: TestEngine) async throws {
        try await withDesk(engine) { fixture, _ in
            _ = try await send(0xFF, 1, present: true, fixture)
            try await fixture.store.write { transaction in
                for boot in 1...20 {
                    try transaction.connection.execute(
                        """
                        INSERT INTO unit_boot (unit_id, boot, seen, opened_at)
                        VALUES ('desk-1', \("0000000\(String(boot, radix: 32))"), '1', \(transaction.now + .seconds(1)))
                        """)
                }
            }
            fixture.time.advance(by: WorldRepository.rememberedTime + .minutes(1))
            try await drop(fixture)
            #expect(try await count("unit_boot", fixture) == WorldRepository.rememberedBoots)
            let again = try await send(0xFF, 1, present: true, fixture)
            guard case .accepted(let acceptance) = again else {
                Issue.record("\(again)")
                return
            }
            #expect(acceptance.isDuplicate)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aUnitThatStartsOverAndOverFillsNoDisk(_ engine: TestEngine) async throws {
        try await withDesk(engine) { fixture, _ in
            try await fixture.store.write { transaction in
                let now = transaction.now.sqlValue
                let rows = (0..<1000).map { boot -> [SQLValue] in
                    let digits = String(boot, radix: 16)
                    let name = String(repeating: "0", count: 8 - digits.count) + digits
                    return [.text("desk-1"), .text(name), .text("1"), now]
                }
                try transaction.connection.execute(
                    "INSERT INTO unit_boot (unit_id, boot, seen, opened_at) VALUES \(rows: rows)")
            }
            try await drop(fixture)
            #expect(try await count("unit_boot", fixture) == WorldRepository.largestBootCount)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func theNewestAnswersOfEachUnitAreKept(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let faculty = try await fixture.store.addFaculty("Dr. A").value
            let units = [UnitID(dialect1: faculty), try #require(UnitID("d1-9"))]
            try await fixture.store.write { transaction in
                for unit in units { try UnitRepository(transaction).add(unit, dialect: .one, faculty: nil) }
            }
            for batch in 0..<3 {
                try await fixture.store.write { transaction in
                    let answers = (0..<100).map { number in
                        AppliedAnswer(
                            unit: units[0], messageID: "\(batch * 100 + number)", responseType: "BUSY", timestamp: "")
                    }
                    let one = AppliedAnswer(unit: units[1], messageID: "\(batch)", responseType: "BUSY", timestamp: "")
                    try WorldRepository(transaction).save(
                        World(appliedAnswers: Set(answers + [one])), since: World())
                }
                fixture.time.advance(by: .seconds(1))
            }
            try await drop(fixture)
            let kept = try await fixture.store.read { transaction in
                try transaction.connection.query("SELECT message_id FROM applied_answer WHERE unit_id = \(units[0])")
                    .map {
                        Int(try $0.get(0, as: String.self)) ?? -1
                    }
            }
            #expect(kept.count == Int(WorldRepository.rememberedAnswers))
            #expect(Set(100..<300).isSubset(of: kept), "the oldest batch goes first")
            #expect(try await count("applied_answer", fixture) == WorldRepository.rememberedAnswers + 3)
        }
    }
}
