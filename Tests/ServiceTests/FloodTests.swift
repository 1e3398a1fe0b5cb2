// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Store
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Service

@Suite("One unit against all others", .timeLimit(.minutes(3)))
struct FloodTests {
    /// Promises 5 and 10. The database hangs meanwhile, so the sequencer takes nothing of the flood.
    @Test func aFloodOfQoS0DelaysNoOtherAndIsRecorded() async throws {
        try await withService { fixture in
            let (flood, others) = (Settlements(), Settlements())
            fixture.faults.hold()
            await fixture.ingest.submit(Arrival(fixture.delivery("consultease/faculty/3/heartbeat", "{}")))
            await fixture.faults.writeIsHeld()
            let large = #"{"present":true,"x":""# + String(repeating: "y", count: 60_000) + #""}"#
            for round in 0..<600 {
                // Each call returns at once: a caller that waited here would leave the socket unread.
                await fixture.ingest.submit(
                    Arrival(fixture.delivery("consultease/faculty/1/status", large), mayBeDisplaced: true) {
                        flood.note($0)
                    })
                guard round % 100 == 0 else { continue }
                await fixture.ingest.submit(
                    Arrival(
                        fixture.delivery("consultease/faculty/2/status", #"{"present":true}"#), mayBeDisplaced: true
                    ) { others.note($0) })
            }
            #expect(flood.list.allSatisfy { $0 == .displaced } && flood.list.count > 580)
            fixture.faults.release()
            try await eventually("all are settled") { others.list.count == 6 && flood.list.count == 600 }
            #expect(!others.list.contains(.displaced))
            #expect(await fixture.card(.number(1))?.availability.state == .available, "the newest word wins")
            #expect(await fixture.card(.number(2))?.availability.state == .available)
            let cause = RefusalRepository.Cause(unit: "d1-1", reason: RefusalReason.displaced.rawValue)
            let lost = flood.list.count { $0 == .displaced }
            try await eventually("they are recorded") {
                let counts = try await fixture.store.read { try RefusalRepository($0).counts() }
                return counts.contains { $0.cause.reason == cause.reason && $0.count == Int64(lost) }
            }
        }
    }

    /// No more samples are made from a batch of refused messages than are kept. Each is made before the transaction if
    /// the bytes alone decide the refusal.
    @Test func samplesAreMadeBeforehandAndOnlyOfWhatIsKept() {
        let noon = Timestamp(milliseconds: 0)
        let batch = (0..<500).map { number in
            Arrival(
                Delivery(
                    topic: "consultease/faculty/\(number % 2 + 1)/status", payload: Array("[\(number)]".utf8),
                    isRetained: false, arrivedAt: noon))
        }
        let decoded = DecodedArrival.decode(batch)
        #expect(decoded.count { $0.sample != nil } == 2 * Int(RefusalRepository.samplesKept))
        #expect(decoded.suffix(10).allSatisfy { $0.sample != nil })
    }
}
