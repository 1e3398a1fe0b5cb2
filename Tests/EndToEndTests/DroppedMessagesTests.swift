// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import MQTT
import Service
import Store
import TestSupport
import Testing

/// mosquitto acknowledges messages that it has no room for, and drops them.
@Suite("Messages that mosquitto drops", .timeLimit(.minutes(5)))
struct DroppedMessagesTests {
    @Test func aQueueThatWasFullIsToldOfByReadiness() async throws {
        var queue = BrokerConfiguration.Queue()
        queue.messages = 20
        queue.saysDroppedEvery = 1
        try await withDesk(queue: queue, callInterval: .milliseconds(50)) { desk in
            try desk.broker.admit(["desk-1"])
            try await desk.store.addUnits(["desk-1"])
            #expect(desk.edge.queueCheck().failure == nil)
            // Without a commit there is no acknowledgement, so more messages than Receive Maximum wait at the broker.
            desk.faults.hold()
            try await desk.broker.withUnit("desk-1", listens: false) { unit in
                for seq in 1...2_000 {
                    let outcome = try await unit.publish(
                        topic: "consultease/v2/unit/desk-1/event",
                        payload: Array(#"{"boot":"b0000001","seq":\#(seq),"type":"presence","present":true}"#.utf8))
                    guard case .acknowledged = outcome else {
                        Issue.record("event \(seq): \(outcome)")
                        break
                    }
                }
            }
            desk.faults.release()
            try await eventually("readiness tells of the drop") { desk.edge.queueCheck().failure != nil }
        }
    }
}
