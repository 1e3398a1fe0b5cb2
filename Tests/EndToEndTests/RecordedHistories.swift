// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import Foundation
import HashTreeCollections
import SQL
import Service
import Store
import Synchronization
import TestSupport
import Testing
import Wire

/// Runs writers and readers at once, with faults, and then checks what they were told against promises 1 to 5 and 8.
///
/// `CONSULTEASE_SOAK` makes the runs fifteen times as long. `CONSULTEASE_SEED` repeats the plan of a failed run, but
/// not the timing of its threads.
@Suite("Recorded histories keep the promises", .serialized, .timeLimit(.minutes(10)))
struct RecordedHistories {
    private static let environment = ProcessInfo.processInfo.environment
    private static let isSoak = environment["CONSULTEASE_SOAK"] != nil
    private static let seed = environment["CONSULTEASE_SEED"].flatMap(UInt64.init) ?? .random(in: 0...9_999_999)

    /// The amount of work in a run.
    private struct Size {
        let writers = 4
        let writes: Int
        let events: Int
        let shellWrites: Int
        /// The number of an instance's commits between two planted faults.
        let faultEvery = 9

        static let short = Size(writes: 40, events: 60, shellWrites: 8)
        static let long = Size(writes: 600, events: 1000, shellWrites: 100)
    }

    @Test(arguments: [TestEngine.sqliteFile, .postgreSQL].filter { $0 != .postgreSQL || PostgresServer.isInstalled })
    func onOneInstanceWhoseCommitsFail(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            _ = try await record(fixture, instances: 1) { _, _ in }
        }
    }

    /// Connections end during their transactions, and the leader is deposed or cut off again and again.
    @Test(.enabled(if: PostgresServer.isInstalled, "needs Debian's postgresql-15"))
    func onThreeInstancesWhoseConnectionsAndLeadersAreLost() async throws {
        try await withStore(.postgreSQL) { fixture in
            guard let postgres = fixture.postgres else { return }
            let lost = Atomic(0)
            let terms = try await record(fixture, instances: 3) { instance, seat in
                var commits = 0
                for await _ in instance.store.commits() {
                    commits += 1
                    switch commits % 30 {
                    case 10:
                        let count = try await postgres.server.terminateBackends(
                            of: postgres.url, where: "backend_type = 'client backend' AND random() < 0.3")
                        lost.add(count, ordering: .relaxed)
                    case 20: await seat.term?.resign()
                    case 0:
                        try await postgres.server.terminateBackends(
                            of: postgres.url, where: "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')")
                    default: break
                    }
                }
            }
            #expect(lost.load(ordering: .relaxed) > 10)
            #expect(terms > 4)
        }
    }

    /// Runs all clients, and checks what was recorded. `disturb` runs beside each instance until they have ended.
    /// Returns the number of terms.
    private func record(
        _ fixture: StoreFixture, instances count: Int,
        _ disturb: @escaping @Sendable (Instance, IngestSeat) async throws -> Void
    ) async throws -> Int {
        let instances = try await prepare(fixture, count)
        let size = Self.isSoak ? Size.long : Size.short
        let recorder = HistoryRecorder()
        let seat = IngestSeat()
        let origin = try await instances[0].database()
        try await withThrowingTaskGroup(of: Void.self) { servers in
            for instance in instances {
                servers.addTask { await instance.run() }
                servers.addTask { try await instance.lead(seat) }
            }
            try await withThrowingTaskGroup(of: Void.self) { others in
                addReaders(to: &others, recorder, instances)
                for instance in instances {
                    others.addTask { await failCommits(of: instance, every: size.faultEvery) }
                    others.addTask { try await disturb(instance, seat) }
                }
                try await write(fixture, recorder, instances, seat, size)
                others.cancelAll()
                // A client that was stopped in the middle of an operation has no answer, which proves nothing.
                while let result = await others.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            try await finish(recorder, instances)
            servers.cancelAll()
        }
        try await check(recorder, instances[0], origin, size)
        return seat.terms
    }

    private func prepare(_ fixture: StoreFixture, _ count: Int) async throws -> [Instance] {
        try await fixture.store.write { transaction in
            for id in Cast.all {
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. Person \(id)", department: "Physics"), id: id, beacon: nil)
            }
            for id in Cast.units {
                guard let unit = UnitID("desk-\(id)") else { continue }
                try UnitRepository(transaction).add(unit, dialect: .two, faculty: id)
            }
        }
        var instances: [Instance] = []
        for (number, name) in ["a", "b", "c"].prefix(count).enumerated() {
            let faults = number == 0 ? fixture.faults : FaultyEngine(try fixture.anotherEngine())
            // The database announces a commit whose outcome this process doesn't know. SQLite can't do that and
            // needn't: its commits always have an outcome.
            let engine = ForgetfulEngine(
                faults, seed: Self.seed + UInt64(number), every: fixture.postgres == nil ? 0 : 40)
            let store = try await Store(engine: engine, time: fixture.time)
            instances.append(try await Instance(name, store: store, faults: faults))
        }
        return instances
    }

    private func addReaders(
        to group: inout ThrowingTaskGroup<Void, any Error>, _ recorder: HistoryRecorder, _ instances: [Instance]
    ) {
        let readers = HistoryReaders(recorder: recorder)
        for (number, instance) in instances.enumerated() {
            group.addTask { await readers.watcher("watcher-\(instance.name)", instance) }
            group.addTask { await readers.follower("follower-\(instance.name)", instance) }
            group.addTask {
                try await readers.screen("screen-\(instance.name)", [instance], from: 0, resumesAfter: .max)
            }
            group.addTask {
                try await readers.screen("roamer-\(instance.name)", instances, from: number, resumesAfter: 5)
            }
        }
    }

    private func write(
        _ fixture: StoreFixture, _ recorder: HistoryRecorder, _ instances: [Instance], _ seat: IngestSeat, _ size: Size
    ) async throws {
        let writers = HistoryWriters(
            recorder: recorder, instances: instances, ticker: HistoryWriters.Ticker(fixture.time))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<size.writers {
                group.addTask {
                    await writers.person("person-\(number)", seed: Self.seed + UInt64(number), writes: size.writes)
                }
            }
            for (number, person) in Cast.units.enumerated() {
                let seed = Self.seed + 100 + UInt64(number)
                group.addTask { try await writers.unit(of: person, seed: seed, events: size.events, seat) }
            }
            group.addTask { await writers.outsider(fixture, writes: size.shellWrites) }
            try await group.waitForAll()
        }
    }

    /// Plans a failure after every `count` commits: at COMMIT, or before anything is written.
    private func failCommits(of instance: Instance, every count: Int) async {
        let full = SQLError(code: .storage, message: "database or disk is full")
        let busy = SQLError(code: .busy, message: "database is locked")
        var commits = 0
        for await _ in instance.store.commits() {
            commits += 1
            if commits % count == 0 {
                instance.faults.failNextCommits([full])
            } else if commits % count == count / 2 {
                instance.faults.failNextWrites([busy])
            }
        }
    }

    /// Checks that every board finally shows the content of the database.
    private func finish(_ recorder: HistoryRecorder, _ instances: [Instance]) async throws {
        let readers = HistoryReaders(recorder: recorder)
        for instance in instances {
            let last = RevisionTag(
                lineage: instance.store.lineage, revision: try await instances[0].database().revision)
            try await eventually("\(instance.name) shows \(last)") {
                await readers.read("last-\(instance.name)", instance, .atLeast(last))
            }
        }
    }

    private func check(
        _ recorder: HistoryRecorder, _ instance: Instance, _ origin: CardRepository.Changes, _ size: Size
    ) async throws {
        let end = try await instance.database()
        let edits = end.cards.map { card in (Cast.room(card.id), Int(card.version) - 1) }
        let history = History(
            origins: [.init(tag: instance.tag(origin.revision), values: origin.values)],
            operations: recorder.operations,
            final: .init(
                tag: instance.tag(end.revision), values: end.values,
                counts: Dictionary(uniqueKeysWithValues: edits)))
        let report = Checker.check(history)
        #expect(report.isAccepted, "seed \(Self.seed): \(report)")
        let counts = recorder.counts
        print("\(history.operations.count) operations, seed \(Self.seed): \(counts)")
        // Without enough events the run would prove nothing.
        #expect(counts.committed >= size.events * Cast.units.count, "seed \(Self.seed): \(counts)")
        #expect(counts.failed > 0 && counts.duplicates > 0, "seed \(Self.seed): \(counts)")
        #expect(counts.reads > counts.committed && counts.frames > 50, "seed \(Self.seed): \(counts)")
        #expect(counts.unavailable < counts.reads / 20, "seed \(Self.seed): \(counts)")
    }
}
