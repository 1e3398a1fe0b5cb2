// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Promise 6: a machine's conflict is retried from fresh state")
struct RetryingEditTests {
    /// The counted outcomes, and the ranges of the pauses.
    private struct Record: Sendable {
        let outcomes = Noted<RetryingEdit.Outcome>()
        let pauses = Noted<ClosedRange<Int>>()
    }

    private func edit(of store: Store, _ record: Record) -> RetryingEdit {
        RetryingEdit(
            store: store,
            retry: CommitBackoff { range in
                record.pauses.note(range)
                return 1
            },
            count: { record.outcomes.note($0) })
    }

    /// Adds a minute to the end of a person's override. Between reading and writing, rivals add an hour, exactly
    /// `rivals` times.
    private func addAMinute(
        to id: FacultyID, in store: Store, rivals: Int, _ record: Record
    ) async throws -> Versioned<Override> {
        let left = Mutex(rivals)
        let result = try await edit(of: store, record)(
            seeing: { try #require(try OverrideRepository($0).find(id)) },
            deciding: { seen in
                let isDisturbed = left.withLock { left in
                    defer { left -= 1 }
                    return left > 0
                }
                if isDisturbed { try await Self.push(id, by: .minutes(60), in: store) }
                return seen
            },
            writing: { (seen: Versioned<Override>, transaction) in
                try OverrideRepository(transaction).set(
                    seen.value.word, until: seen.value.until.map { $0 + .minutes(1) }, for: id,
                    expecting: .exactly(seen.version))
                return try #require(try OverrideRepository(transaction).find(id))
            })
        guard case .wrote(let committed) = result else { throw NothingWritten() }
        return committed.value
    }

    private struct NothingWritten: Error {}

    private static func push(_ id: FacultyID, by span: Span, in store: Store) async throws {
        try await store.write { transaction in
            let repository = OverrideRepository(transaction)
            let standing = try #require(try repository.find(id))
            try repository.set(standing.value.word, until: standing.value.until.map { $0 + span }, for: id)
        }
    }

    private func withPerson(
        _ body: (Store, FacultyID, _ end: Timestamp) async throws -> Void
    ) async throws {
        try await withStore(.sqliteFile) { fixture in
            let end = fixture.time.now() + .minutes(10)
            let id = try await fixture.store.write { transaction in
                let id = try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. Ana Reyes", department: "Law"), id: nil, beacon: nil)
                try OverrideRepository(transaction).set(.busy, until: end, for: id)
                return id
            }.value
            try await body(fixture.store, id, end)
        }
    }

    @Test(arguments: 0...4)
    func nothingIsLostWithSoManyRivals(_ rivals: Int) async throws {
        try await withPerson { store, id, end in
            let record = Record()
            let written = try await addAMinute(to: id, in: store, rivals: rivals, record)
            // Both additions count: the edit was decided from fresh state, not from the first reading.
            #expect(written.value.until == end + .minutes(60 * Int64(rivals) + 1))
            #expect(written.version == Int64(2 + rivals))
            #expect(record.outcomes.list == Array(repeating: .retried, count: rivals))
            #expect(record.pauses.list == Array([1...40, 1...80, 1...160, 1...320].prefix(rivals)))
        }
    }

    @Test func theFifthConflictIsReportedWithBothSides() async throws {
        try await withPerson { store, id, end in
            let record = Record()
            let conflict = try await #require(throws: VersionConflict<Override>.self) {
                _ = try await addAMinute(to: id, in: store, rivals: 5, record)
            }
            #expect(conflict.wanted?.until == end + .minutes(4 * 60 + 1))
            #expect(conflict.standing?.value.until == end + .minutes(5 * 60))
            #expect(record.outcomes.list == [.retried, .retried, .retried, .retried, .exhausted])
            let standing = try await store.read { try OverrideRepository($0).find(id) }
            #expect(standing?.value.until == end + .minutes(5 * 60))
        }
    }

    @Test func leavingEverythingWritesNothing() async throws {
        try await withPerson { store, id, end in
            let result = try await edit(of: store, Record())(
                seeing: { try OverrideRepository($0).find(id)?.value.until }, deciding: { _ in Int?.none },
                writing: { _, transaction in try OverrideRepository(transaction).clear(id) })
            guard case .left(let seen) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(seen == end)
            #expect(try await store.read { try OverrideRepository($0).find(id)?.version } == 1)
        }
    }

    @Test func anyOtherErrorIsNotRetried() async throws {
        try await withPerson { store, id, _ in
            let record = Record()
            await #expect(throws: PeopleError.noOverride(id)) {
                _ = try await edit(of: store, record)(
                    seeing: { _ in 1 }, deciding: { $0 },
                    writing: { (_: Int, _) -> Int in throw PeopleError.noOverride(id) })
            }
            #expect(record.outcomes.list.isEmpty)
        }
    }

    @Test func aCancelledTaskEndsBetweenAttempts() async throws {
        try await withPerson { store, id, _ in
            let (moments, moment) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await RetryingEdit(
                    store: store, retry: CommitBackoff { _ in 1_000_000 }, count: { _ in moment.yield() })(
                        seeing: { _ in 1 }, deciding: { $0 },
                        writing: { (_: Int, transaction) in
                            try OverrideRepository(transaction).set(.out, until: nil, for: id, expecting: .absent)
                        })
            }
            for await _ in moments { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    /// The edits run as concurrently as the machine allows; at the end, the sum of all additions counts.
    @Test func concurrentEditsAddUp() async throws {
        try await withPerson { store, id, end in
            let record = Record()
            let written = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<24 {
                    group.addTask {
                        do {
                            _ = try await addAMinute(to: id, in: store, rivals: 0, record)
                            return true
                        } catch is any AnyVersionConflict {
                            return false
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            let exhausted = record.outcomes.list.count { $0 == .exhausted }
            #expect(written + exhausted == 24)
            #expect(written > 0)
            let standing = try await store.read { try OverrideRepository($0).find(id) }
            #expect(standing?.value.until == end + .minutes(Int64(written)))
        }
    }
}

/// Records what a closure was told, in order.
final class Noted<Value: Sendable>: Sendable {
    private let all = Mutex<[Value]>([])

    var list: [Value] { all.withLock { $0 } }

    func note(_ value: Value) {
        all.withLock { $0.append(value) }
    }
}
