// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

@Suite("One rule says whether a unit is live, in SQL and in Domain")
struct LivenessContract {
    /// The numbers include the ends of their range: units are counted whatever an outside writer has stored.
    @Test(arguments: TestEngine.allCases)
    func unitsAreCountedByTheRule(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let now = fixture.time.now().milliseconds
            let heard: [Int64?] = [
                nil, .min, .min + 1, -1, 0, now - 90_001, now - 90_000, now - 89_999, now, now + 1, .max,
            ]
            let tolerances: [Int64] = [
                .min, .min + now, .min + now + 1, -90_000, -1, 0, 1, 89_999, 90_000, 90_001, now, .max,
            ]
            for heard in heard {
                for tolerance in tolerances {
                    let rows = """
                        DELETE FROM desk_unit;
                        INSERT INTO desk_unit (id, dialect) VALUES ('new', 2), ('linked', 2), ('lost', 2);
                        INSERT INTO unit_link (unit_id, heard_at, tolerance, offline_since) VALUES
                            ('linked', \(heard?.description ?? "NULL"), \(tolerance), NULL),
                            ('lost', \(heard?.description ?? "NULL"), \(tolerance), 5);
                        """
                    try await fixture.store.engine.write { try $0.script(rows) }
                    let (units, counts) = try await fixture.store.read { transaction in
                        let units = UnitRepository(transaction)
                        return (try units.all(), try units.counts(at: transaction.now))
                    }
                    let byRule = Dictionary(
                        units.map { (($0.link ?? UnitLink()).liveness(at: fixture.store.now), Int64(1)) },
                        uniquingKeysWith: +)
                    #expect(counts == byRule, "heard \(heard ?? 0), tolerance \(tolerance)")
                }
            }
        }
    }
}
