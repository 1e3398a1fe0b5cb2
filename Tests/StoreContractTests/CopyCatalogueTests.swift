// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Store
import TestSupport
import Testing

@Suite("The copy covers every table")
struct CopyCatalogueTests {
    @Test(arguments: TestEngine.allCases)
    func everyTableAndColumnIsListed(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let found = try await fixture.store.read { transaction in
                let statement: SQLStatement =
                    switch transaction.connection.dialect {
                    case .sqlite:
                        """
                        SELECT t.name, c.name, c.pk > 0 FROM sqlite_master t JOIN pragma_table_info(t.name) c
                        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'
                        """
                    case .postgreSQL:
                        """
                        SELECT c.table_name::text, c.column_name::text, count(k.column_name)
                        FROM information_schema.columns c
                        LEFT JOIN information_schema.table_constraints t ON t.table_schema = c.table_schema
                            AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY'
                        LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = t.constraint_schema
                            AND k.constraint_name = t.constraint_name AND k.column_name = c.column_name
                        WHERE c.table_schema = current_schema() GROUP BY 1, 2
                        """
                    }
                return try transaction.connection.query(statement).map { row in
                    "\(try row.get(0, as: String.self)).\(try row.get(1, as: String.self)) \(try row.get(2, as: Int64.self))"
                }
            }
            let listed = CopiedTable.all(schema: Migrator.currentVersion).flatMap { table in
                table.columns.map { "\(table.name).\($0) \(table.key.contains($0) ? 1 : 0)" }
            }
            #expect(found.sorted() == listed.sorted())
        }
    }

    @Test func aTableComesAfterThoseThatItRefersTo() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            var seen: Set<String> = []
            for table in CopiedTable.all(schema: Migrator.currentVersion) {
                let parents = try await fixture.store.read { transaction in
                    try transaction.connection.query(
                        "SELECT \"table\" FROM pragma_foreign_key_list(\(table.name))"
                    ).map { try $0.get(0, as: String.self) }
                }
                #expect(seen.isSuperset(of: parents), "\(table.name) before one of \(parents)")
                seen.insert(table.name)
            }
            #expect(seen.count > 10)
        }
    }

    @Test func idsThatTheEngineMakesAreMarked() async throws {
        try await withStore(.postgreSQL) { fixture in
            let found = try await fixture.store.read { transaction in
                try transaction.connection.query(
                    """
                    SELECT table_name::text FROM information_schema.columns
                    WHERE table_schema = current_schema() AND is_identity = 'YES'
                    """
                ).map { try $0.get(0, as: String.self) }
            }
            let listed = CopiedTable.all(schema: Migrator.currentVersion).filter(\.isGenerated).map(\.name)
            #expect(found.sorted() == listed.sorted())
        }
    }
}
