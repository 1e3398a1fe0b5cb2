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

/// Tests readiness long after the last message, whatever its outcome was.
@Suite("Ingest in a quiet office")
struct QuietTests {
    /// All work on a message ends; after that, silence is no fault, however long it lasts.
    private func staysReady(_ fixture: ServiceFixture) async throws {
        try await eventually("the batch ends: \(String(describing: fixture.ingest.check().failure))") {
            fixture.time.advance(by: .seconds(6))
            return fixture.ingest.check().failure == nil
        }
        for _ in 0..<20 {
            fixture.time.advance(by: .minutes(7))
            #expect(fixture.ingest.check().failure == nil)
        }
    }

    @Test(arguments: [
        ("consultease/faculty/1/status", #"{"present":true}"#), ("consultease/faculty/1/status", "nonsense"),
        ("consultease/faculty/4711/status", #"{"present":true}"#), ("nowhere", ""),
    ])
    func afterOneMessageTheServerStaysReady(topic: String, payload: String) async throws {
        try await withService { fixture in
            _ = await fixture.send(topic, payload)
            try await staysReady(fixture)
        }
    }

    @Test(arguments: [SQLError.Code.storage, .busy, .constraint, .timeout, .unknownOutcome])
    func afterAnOutageTheServerStaysReady(_ code: SQLError.Code) async throws {
        try await withService { fixture in
            fixture.faults.failNextWrites(Array(repeating: SQLError(code: code, message: "planned"), count: 6))
            _ = await fixture.send("consultease/faculty/1/status", #"{"present":true}"#)
            try await staysReady(fixture)
        }
    }

    @Test func aBatchTellsHowManyWaitWhileItIsUnderWay() async throws {
        try await withService { fixture in
            fixture.faults.hold()
            await fixture.ingest.submit(Arrival(fixture.delivery("consultease/faculty/1/status", #"{"present":true}"#)))
            await fixture.faults.writeIsHeld()
            fixture.time.advance(by: .seconds(6))
            #expect(fixture.ingest.check().failure?.detail == "1 messages wait to be committed")
            fixture.faults.release()
            try await staysReady(fixture)
        }
    }

    /// All messages are late from the start, so while one isn't settled, a reader beside the sequencer must find it in
    /// one of the places where it may wait.
    @Test func noReaderMissesAMessageOnItsWay() async throws {
        try await withService { fixture in
            let (count, settlements) = (500, Settlements())
            let submitted = Count()
            let late = fixture.delivery("consultease/faculty/1/status", #"{"present":true}"#)
            fixture.time.advance(by: .seconds(60))
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for _ in 0..<count {
                        await fixture.ingest.submit(Arrival(late) { settlements.note($0) })
                        submitted.value.withLock { $0 += 1 }
                    }
                }
                while settlements.list.count < count {
                    let before = submitted.value.withLock { $0 }
                    if fixture.ingest.check().failure == nil { #expect(settlements.list.count >= before) }
                    await Task.yield()
                }
            }
        }
    }

    /// A failure that was noted on the way to something else is not remembered for ever.
    @Test func aFailureEndsWithItsAttempt() {
        let noon = Timestamp(milliseconds: 0)
        let progress = CommitProgress(logger: quietLogger) { noon }
        let delivery = Delivery(topic: "t", payload: [], isRetained: false, arrivedAt: noon)
        func trouble(at now: Timestamp) -> HealthCheck.Failure? {
            progress.trouble(at: now, behindAfter: .seconds(5), queued: Backlog()) { Backlog() }
        }
        progress.begin([Arrival(delivery)])
        progress.note(SQLError(code: .connectionLost, message: "the database was out of reach"))
        #expect(trouble(at: noon) != nil)
        progress.end()
        #expect(trouble(at: noon + .minutes(60)) == nil)
    }
}

private final class Count: Sendable {
    let value = Mutex(0)
}
