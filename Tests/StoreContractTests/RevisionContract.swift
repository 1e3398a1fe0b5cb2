// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

@Suite("Promise 2: one revision a transaction, in commit order")
struct RevisionContract {
    @Test(arguments: TestEngine.allCases)
    func aTransactionThatChangesSeveralCardsHasOneRevision(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let before = try await fixture.store.read { try CardRepository($0).currentRevision() }
            let committed = try await fixture.store.write { transaction in
                let repository = FacultyRepository(transaction)
                return try (1...5).map { try repository.add(.named("Dr. A\($0)"), id: nil, beacon: nil) }
            }
            #expect(committed.value.count == 5)
            #expect(committed.revision.number == before.number + 1)
            let changes = try await fixture.store.read { try CardRepository($0).changes(since: before) }
            #expect(changes.cards.map(\.revision) == Array(repeating: committed.revision, count: 5))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aTransactionThatChangesNothingShownHasNone(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let first = try await fixture.store.addFaculty("Dr. A")
            let second = try await fixture.store.write { transaction in
                try BrokerSessionRepository(transaction).record(broker: "b", clientID: "c")
            }
            #expect(second.revision == first.revision)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aRolledBackTransactionLeavesNeitherRevisionNorChange(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let first = try await fixture.store.addFaculty("Dr. A")
            await #expect(throws: Planned.self) {
                try await fixture.store.write { transaction in
                    try FacultyRepository(transaction).add(.named("Dr. B"), id: nil, beacon: nil)
                    throw Planned()
                }
            }
            let after = try await fixture.store.read { try CardRepository($0).changes(since: .none) }
            #expect(after.revision == first.revision)
            #expect(after.cards.count == 1)
            let next = try await fixture.store.addFaculty("Dr. C")
            #expect(next.revision.number == first.revision.number + 1)
        }
    }

    /// Promise 2: a revision is announced only after it can be read.
    @Test(arguments: TestEngine.allCases)
    func aCommitThatFailsIsAnnouncedToNobody(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let first = try await fixture.store.addFaculty("Dr. A")
            fixture.faults.failNextCommits([SQLError(code: .storage, message: "database or disk is full")])
            await #expect(throws: SQLError.self) { try await fixture.store.addFaculty("Dr. B") }
            #expect(fixture.store.lastCommitted == first.revision)
            let readable = try await fixture.store.read { try CardRepository($0).currentRevision() }
            #expect(readable == first.revision)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func concurrentWritersGetDistinctRisingRevisions(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let revisions = try await withThrowingTaskGroup(of: Revision.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await fixture.store.write { transaction in
                            try transaction.connection.execute(
                                "UPDATE faculty SET room = \("R\(number)"), version = version + 1 WHERE id = \(id)")
                        }.revision
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(revisions).count == 100)
            let profile = try await fixture.store.read { try FacultyRepository($0).find(id) }
            #expect(profile?.version == 101)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func cancellingTheCallerDoesNotCutATransaction(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let writer = Task {
                try await fixture.store.write { transaction in
                    try FacultyRepository(transaction).add(.named("Dr. A"), id: nil, beacon: nil)
                    withUnsafeCurrentTask { $0?.cancel() }
                    try FacultyRepository(transaction).add(.named("Dr. B"), id: nil, beacon: nil)
                }
            }
            writer.cancel()
            _ = try await writer.value
            let count = try await fixture.store.read { try FacultyRepository($0).all().count }
            #expect(count == 2)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func timeNeverGoesBackFromOneTransactionToTheNext(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let first = try await fixture.store.write { $0.now }.value
            fixture.time.advance(by: .seconds(-3600))
            let second = try await fixture.store.write { $0.now }.value
            #expect(second >= first)
        }
    }
}

struct Planned: Error {}

extension FacultyProfile {
    static func named(_ name: String) -> FacultyProfile { FacultyProfile(name: name, department: "Physics") }
}

extension Store {
    @discardableResult
    func addFaculty(_ name: String, id: FacultyID? = nil, beacon: BeaconAddress? = nil) async throws -> Committed<
        FacultyID
    > {
        try await write { try FacultyRepository($0).add(.named(name), id: id, beacon: beacon) }
    }

    func card(_ id: FacultyID) async throws -> CardRepository.Stored? {
        try await read { try CardRepository($0).changes(since: .none).cards.first { $0.id == id } }
    }
}
