// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import SQL
import Store
import TestSupport
import Testing
import Wire

@testable import Service

/// Promises 5 and 10: any message is settled, and recorded as far as the database can hold it, and the following
/// messages go on.
@Suite("Every message can be refused", .timeLimit(.minutes(1)))
struct RefusingTests {
    private static let poison = ("consultease/ñandú/é", #"{"wörd":"Ana"}"#)

    /// Runs a sequencer on a database with this fault.
    private func withFault(
        _ fault: @escaping @Sendable (String, [SQLValue]) -> SQLError?,
        _ body: (StoreFixture, _ send: (String, String) async -> Settlement?) async throws -> Void
    ) async throws {
        try await withStore { fixture in
            try await fixture.store.write { transaction in
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. A", department: "Law"), id: .number(1), beacon: nil)
            }
            let ingest = Ingest(
                store: fixture.store, writer: PickyWriter(engine: fixture.store.engine, fault: fault),
                logger: quietLogger, retry: CommitBackoff { _ in 1 })
            // Ended below.
            let sequencer = Task { await ingest.run() }
            func send(_ topic: String, _ payload: String) async -> Settlement? {
                let (settlements, settle) = AsyncStream.makeStream(of: Settlement.self)
                let delivery = Delivery(
                    topic: topic, payload: Array(payload.utf8), isRetained: false, arrivedAt: fixture.store.now)
                await ingest.submit(Arrival(delivery) { settle.yield($0) })
                for await settlement in settlements { return settlement }
                return nil
            }
            try await body(fixture, send)
            try await eventually("nothing is left of the trouble") { ingest.check().failure == nil }
            ingest.drain()
            await sequencer.value
        }
    }

    private func isRefused(_ settlement: Settlement?) -> Bool {
        if case .committed(.refused, _) = settlement { true } else { false }
    }

    private func samples(_ fixture: StoreFixture) async throws -> [RefusalRepository.Sample] {
        try await fixture.store.read { transaction in
            let repository = RefusalRepository(transaction)
            return try repository.counts().flatMap { try repository.samples(of: $0.cause) }
        }
    }

    @Test func anUnstorableTextIsStoredEscaped() async throws {
        let fault = { @Sendable (_: String, values: [SQLValue]) in
            values.contains(where: \.isBeyondASCII)
                ? SQLError(code: .constraint, message: "no equivalent in LATIN1 (SQLSTATE 22P05)") : nil
        }
        try await withFault(fault) { fixture, send in
            #expect(isRefused(await send(Self.poison.0, Self.poison.1)))
            let sample = try #require(try await samples(fixture).first)
            #expect(sample.topic == #"consultease/\u{f1}and\u{fa}/\u{e9}"#)
            #expect(sample.payload.utf8.allSatisfy { $0 < 0x80 })
            guard case .committed(.accepted, _) = await send("consultease/faculty/1/status", #"{"present":true}"#)
            else {
                Issue.record("what follows is held back")
                return
            }
        }
    }

    @Test func anUnstorableSampleIsLeftOutOfItsRefusal() async throws {
        let fault = { @Sendable (text: String, values: [SQLValue]) in
            text.contains("INTO refusal_sample") && !values.contains(.text(BareRefusal.topic))
                ? SQLError(code: .unexpectedValue, message: "planned") : nil
        }
        try await withFault(fault) { fixture, send in
            #expect(isRefused(await send(Self.poison.0, Self.poison.1)))
            let samples = try await samples(fixture)
            #expect(samples.map(\.topic) == [BareRefusal.topic])
        }
    }

    @Test(arguments: [SQLError.Code.constraint, .statement, .unexpectedValue])
    func whereNoRefusalCanBeRecordedTheOthersGoOn(_ code: SQLError.Code) async throws {
        let fault = { @Sendable (text: String, _: [SQLValue]) in
            text.contains("INTO refusal") ? SQLError(code: code, message: "planned") : nil
        }
        try await withFault(fault) { _, send in
            #expect(isRefused(await send(Self.poison.0, Self.poison.1)))
            guard case .committed(.accepted, _) = await send("consultease/faculty/1/status", #"{"present":true}"#)
            else {
                Issue.record("what follows is held back")
                return
            }
        }
    }

    /// Displaced messages are recorded with the next batch, which must not fail because of them.
    @Test func whereDisplacedMessagesCannotBeRecordedTheOthersGoOn() async throws {
        let fault = { @Sendable (text: String, values: [SQLValue]) in
            text.contains("INTO refusal") && values.contains(.text(RefusalReason.displaced.rawValue))
                ? SQLError(code: .constraint, message: "planned") : nil
        }
        try await withStore { fixture in
            try await fixture.store.write { transaction in
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. A", department: "Law"), id: .number(1), beacon: nil)
            }
            let ingest = Ingest(
                store: fixture.store, writer: PickyWriter(engine: fixture.store.engine, fault: fault),
                logger: quietLogger, retry: CommitBackoff { _ in 1 })
            let settlements = Settlements()
            for number in 1...600 {
                let delivery = Delivery(
                    topic: "consultease/faculty/1/status", payload: Array(#"{"present":\#(number % 2 == 0)}"#.utf8),
                    isRetained: false, arrivedAt: fixture.store.now)
                await ingest.submit(Arrival(delivery, mayBeDisplaced: true) { settlements.note($0) })
            }
            ingest.drain()
            await ingest.run()
            let accepted = settlements.list.count {
                if case .committed(.accepted, _) = $0 { true } else { false }
            }
            #expect(accepted == 512 && settlements.list.count == 600)
            let counts = try await fixture.store.read { try RefusalRepository($0).counts() }
            #expect(counts.isEmpty)
        }
    }
}
