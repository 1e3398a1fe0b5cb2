// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

@Suite("Outside sessions without foreign key checks or the search path")
struct ReferenceContract {
    private func count(_ table: String, _ fixture: StoreFixture) async throws -> Int64? {
        try await fixture.store.read { transaction in
            try transaction.connection.first(.init(stringLiteral: "SELECT count(*) FROM \(table)"))?.get(0)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func removingAUnitRemovesItsRows(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.populate(seed: 1, people: 2)
            try await fixture.edit("DELETE FROM desk_unit WHERE id = 'desk-1'")
            #expect(try await count("unit_link", fixture) == 1)
            #expect(try await count("unit_boot", fixture) == 1)
            #expect(try await count("applied_answer", fixture) == 0)
        }
    }

    @Test(arguments: TestEngine.allCases, ["faculty", "student"])
    func aPersonWithConsultationsStays(_ engine: TestEngine, _ table: String) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            let error = await #expect(throws: (any Error).self) {
                try await fixture.edit("DELETE FROM \(table) WHERE id = 1")
            }
            #expect(error.map { "\($0)".contains("delete those first") } == true)
            try await fixture.edit("DELETE FROM consultation; DELETE FROM \(table) WHERE id = 1")
            #expect(try await count(table, fixture) == 1)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aUnitStaysWithoutItsOwner(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            try await fixture.edit("DELETE FROM faculty WHERE id = 2")
            #expect(try await count("desk_unit WHERE faculty_id IS NULL", fixture) == 1)
        }
    }

    @Test func anotherSearchPathFindsTheTables() async throws {
        try await withStore(.postgreSQL) { fixture in
            try await fixture.furnish()
            try await fixture.edit(
                """
                SET search_path = pg_catalog;
                UPDATE public.faculty SET room = '7' WHERE id = 1;
                INSERT INTO public.beacon VALUES ('AA:BB:CC:DD:EE:01', 2);
                DELETE FROM public.override;
                DELETE FROM public.consultation;
                DELETE FROM public.desk_unit;
                DELETE FROM public.student;
                DELETE FROM public.faculty WHERE id = 2;
                UPDATE public.meta SET value = 'anotherpast' WHERE key = 'lineage';
                """)
            // No function finds a table by the writer's search path any more.
            let unqualified = try await fixture.outside(
                #"""
                SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'
                    AND p.prosrc ~ '\m(FROM|INTO|UPDATE|JOIN)\s+(?!SET|OLD|NEW|public)[a-z_]+'
                """#)
            #expect(unqualified == "")
            let room = try await fixture.store.read { try FacultyRepository($0).find(try #require(FacultyID(1))) }
            #expect(room?.profile.room == "7")
        }
    }
}
