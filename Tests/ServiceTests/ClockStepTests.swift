// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("A clock corrected while units are heard")
struct ClockStepTests {
    /// The message arrived while the clock was behind, and is committed after the clock was corrected.
    @Test func aMessageOnItsWayIsAsOldAsItReallyIs() async throws {
        try await withService { fixture in
            fixture.store.beginTerm(named: "first")
            fixture.faults.hold()
            let settlements = Settlements()
            // The first write holds nothing of interest: while it is held, the next message waits and is judged after
            // the step.
            for _ in 0..<2 {
                await fixture.ingest.submit(
                    Arrival(
                        fixture.delivery("consultease/faculty/1/status", #"{"present":true}"#),
                        at: fixture.store.clock
                    ) { settlements.note($0) })
                if settlements.list.isEmpty { await fixture.faults.writeIsHeld() }
            }
            fixture.time.step(by: .minutes(60))
            fixture.faults.release()
            try await eventually("both settled") { settlements.list.count == 2 }
            #expect(await fixture.card(.number(1))?.availability.state == .available)
        }
    }

    /// With a clock an hour ahead, an old message would look like one of a unit that has restarted since (rule 5).
    @Test func aLateMessageIsStillLate() async throws {
        try await withService { fixture in
            fixture.store.beginTerm(named: "first")
            let status = #"{"present":true,"timestamp":7200000}"#
            #expect(await accepted(fixture.send("consultease/faculty/1/status", status)))
            fixture.time.step(by: .minutes(60))
            let late = await fixture.send("consultease/faculty/1/status", #"{"present":false,"timestamp":60000}"#)
            guard case .committed(.refused(let refusal), _) = late else {
                Issue.record("taken: \(String(describing: late))")
                return
            }
            #expect(refusal.reason == .lateReplay)
        }
    }

    /// A heartbeat tells when its unit started. A step of the clock must not look like a restart since the last report.
    @Test func aHeartbeatTakesBackNoWordThatStands() async throws {
        try await withService { fixture in
            fixture.store.beginTerm(named: "first")
            #expect(
                await accepted(
                    fixture.send("consultease/faculty/1/status", #"{"present":true,"timestamp":60000}"#)))
            fixture.time.advance(by: .seconds(30))
            #expect(await accepted(fixture.send("consultease/faculty/1/heartbeat", #"{"uptime":90000}"#)))
            fixture.time.step(by: .minutes(60))
            fixture.time.advance(by: .seconds(30))
            #expect(await accepted(fixture.send("consultease/faculty/1/heartbeat", #"{"uptime":120000}"#)))
            #expect(await fixture.card(.number(1))?.availability.state == .available)
            // The same holds after the unit's own silence, when its report must be confirmed.
            fixture.time.advance(by: .seconds(1000))
            try await fixture.store.write { _ in }
            #expect(await fixture.card(.number(1))?.availability.state == .unknown)
            #expect(await accepted(fixture.send("consultease/faculty/1/heartbeat", #"{"uptime":1120000}"#)))
            #expect(await fixture.card(.number(1))?.availability.state == .available)
        }
    }

    /// A standby leaves due changes to the leader.
    @Test func aStandbyDoesNotCommitDueChangesAtOnce() async throws {
        try await withService { fixture in
            fixture.store.take(.standingBy)
            #expect(await accepted(fixture.send("consultease/faculty/1/status", #"{"present":true}"#)))
            let before = fixture.store.lastCommitted
            fixture.time.advance(by: .minutes(60))
            // The wait is longer than a tick, so a second check finds the changes still due.
            let started = ContinuousClock.now
            try await eventually("some ticks went by") { started.duration(to: .now) > .seconds(1) }
            #expect(fixture.store.lastCommitted == before)
            fixture.store.beginTerm(named: "first")
            try await eventually("the leader commits it") { fixture.store.lastCommitted > before }
        }
    }

    private func accepted(_ settlement: Settlement?) -> Bool {
        if case .committed(.accepted, _) = settlement { true } else { false }
    }
}
