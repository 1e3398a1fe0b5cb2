// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Store
import TestSupport
import Testing

@Suite("Contract: missing tables, columns and functions")
struct MissingContract {
    /// A message isn't refused because of it: it waits until an operator has corrected the database.
    @Test(arguments: TestEngine.allCases, ["absent", "id FROM faculty WHERE absent = 1", "absent(1)"])
    func isTheDatabasesFaultAndTransient(_ engine: TestEngine, _ what: String) async throws {
        try await withStore(engine) { fixture in
            let statement = SQLStatement(stringLiteral: what == "absent" ? "SELECT * FROM absent" : "SELECT \(what)")
            let error = await #expect(throws: SQLError.self) {
                try await fixture.store.engine.write { _ = try $0.query(statement) }
            }
            #expect(error?.code == .cannotOpen, "\(error?.message ?? "")")
            #expect(error?.isTransient == true)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aStatementThatIsNoneIsTheProgramsFault(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let error = await #expect(throws: SQLError.self) {
                try await fixture.store.engine.write { _ = try $0.query("SELEKT 1") }
            }
            #expect(error?.code == .statement)
        }
    }
}
