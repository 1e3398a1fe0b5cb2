// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

@Suite("A database upgraded or replaced beside a running program")
struct ReplacedDatabaseContract {
    @Test(arguments: TestEngine.allCases)
    func afterAnUpgradeNothingIsWrittenOrShownAnyMore(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let store = fixture.store
            let id = try await store.addFaculty("Dr. A").value
            try await store.engine.write { try Meta.set("schema", "99", $0) }
            let refusal = await #expect(throws: SQLError.self) {
                try await store.write { try OverrideRepository($0).set(.out, until: nil, for: id) }
            }
            #expect(refusal?.code == .cannotOpen)
            #expect(refusal?.message.contains("use a newer consultease") == true)
            await #expect(throws: SQLError.self) {
                _ = try await store.read { try CardRepository($0).changes(since: .none) }
            }
            #expect(try await store.read { try OverrideRepository($0).find(id) } == nil)
            // The upgrade is taken back, and the program works as before.
            try await store.engine.write { try Meta.set("schema", String(Migrator.currentVersion), $0) }
            try await store.write { try OverrideRepository($0).set(.out, until: nil, for: id) }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aCommandThatWaitedAnswersInTheLineageThatItWroteIn(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let lineage = try #require(secondLineage)
            try await fixture.store.engine.write { try Meta.set("lineage", lineage.rawValue, $0) }
            let written = try await fixture.store.addFaculty("Dr. A")
            #expect(written.tag == RevisionTag(lineage: lineage, revision: written.revision))
            #expect(try await fixture.store.read { try CardRepository($0).currentTag() } == written.tag)
        }
    }
}
