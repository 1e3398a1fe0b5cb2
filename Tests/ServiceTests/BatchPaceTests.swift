// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Service

/// A batch that takes too long gets smaller, also across terms: otherwise each leader would fail at the same batch.
@Suite("The size of batches", .timeLimit(.minutes(3)))
struct BatchPaceTests {
    @Test func aFailureHalvesAndSuccessesDouble() {
        let pace = BatchPace(most: 512)
        #expect(pace.size == 512)
        pace.failed(512, isOfSize: false)
        #expect(pace.size == 256)
        for _ in 0..<10 { pace.failed(pace.size, isOfSize: false) }
        #expect(pace.size == 1)
        for _ in 0..<9 { pace.succeeded(pace.size) }
        #expect(pace.size == 512)
    }

    @Test func itStaysBelowWhatWasTooManyAndTriesAgainLater() {
        let pace = BatchPace(most: 512)
        pace.failed(512, isOfSize: true)
        pace.failed(256, isOfSize: true)
        for _ in 0..<100 { pace.succeeded(pace.size) }
        #expect(pace.size == 255)
        for _ in 0..<600 { pace.succeeded(pace.size) }
        #expect(pace.size == 512)
    }

    /// The size of a batch doesn't cause an outage.
    @Test func afterAnOutageItGrowsFast() {
        let pace = BatchPace(most: 512)
        for _ in 0..<20 { pace.failed(pace.size, isOfSize: true) }
        for _ in 0..<9 { pace.succeeded(pace.size) }
        #expect(pace.size == 512)
    }

    @Test func aTermBeginsWithNoMoreThanAFew() {
        let pace = BatchPace(most: 512)
        pace.beginTerm()
        #expect(pace.size == 64)
        pace.failed(64, isOfSize: true)
        pace.beginTerm()
        #expect(pace.size == 32)
    }

    /// Returns a database that accepts `most` messages in one transaction, and fails larger ones with `code`.
    private func writer(_ store: Store, most: Int, _ code: SQLError.Code) -> PickyWriter {
        PickyWriter(engine: store.engine) { text, values in
            // Each heard unit is one row of eleven columns.
            text.contains("INTO unit_link") && values.count > 11 * most
                ? SQLError(code: code, message: "it took too long") : nil
        }
    }

    private static let messages: Int64 = 400

    private func addPeople(_ fixture: StoreFixture) async throws {
        try await fixture.store.write { transaction in
            for number in 1...Self.messages {
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. \(number)", department: "Law"), id: .number(number), beacon: nil)
            }
        }
    }

    /// Submits the backlog as the broker resends it: the messages without an acknowledgement.
    private func submit(_ settled: Settled, to ingest: Ingest, _ store: Store) async {
        for number in 1...Self.messages where !settled.has(number) {
            let delivery = Delivery(
                topic: "consultease/faculty/\(number)/status", payload: Array(#"{"present":true}"#.utf8),
                isRetained: false, arrivedAt: store.now)
            await ingest.submit(Arrival(delivery) { _ in settled.note(number) })
        }
    }

    @Test(arguments: [SQLError.Code.timeout, .connectionLost, .unknownOutcome])
    func aBatchThatTakesTooLongIsWrittenInPieces(_ code: SQLError.Code) async throws {
        try await withStore { fixture in
            try await addPeople(fixture)
            let settled = Settled()
            let ingest = Ingest(
                store: fixture.store, writer: writer(fixture.store, most: 20, code), logger: quietLogger,
                retry: CommitBackoff { _ in 1 })
            await submit(settled, to: ingest, fixture.store)
            let sequencer = Task { await ingest.run() }
            try await eventually("all are written") { settled.count == Int(Self.messages) }
            #expect(try await fixture.store.read { try RefusalRepository($0).counts() }.isEmpty)
            ingest.drain()
            await sequencer.value
        }
    }

    /// A batch that is too slow costs the leader its term, and the next leader gets the same messages.
    @Test func theLoopOfUnseatingEnds() async throws {
        try await withStore { fixture in
            try await addPeople(fixture)
            let (settled, pace) = (Settled(), BatchPace())
            var terms = 0
            while settled.count < Int(Self.messages), terms < 100 {
                terms += 1
                pace.beginTerm()
                let ingest = Ingest(
                    store: fixture.store, writer: writer(fixture.store, most: 20, .notLeader), logger: quietLogger,
                    pace: pace, retry: CommitBackoff { _ in 1 })
                await submit(settled, to: ingest, fixture.store)
                ingest.drain()
                await ingest.run()
            }
            #expect(settled.count == Int(Self.messages))
            #expect(terms < 10, "each term that was lost taught the next one")
        }
    }
}

private final class Settled: Sendable {
    private let numbers = Mutex<Set<Int64>>([])
    var count: Int { numbers.withLock { $0.count } }
    func has(_ number: Int64) -> Bool { numbers.withLock { $0.contains(number) } }
    func note(_ number: Int64) { _ = numbers.withLock { $0.insert(number) } }
}
