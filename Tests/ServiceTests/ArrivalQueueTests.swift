// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing
import Wire

@testable import Service

@Suite("What waits to be judged is bounded")
struct ArrivalQueueTests {
    private func arrival(_ topic: String, _ payload: String = #"{"present":true}"#, qos0: Bool = false) -> Arrival {
        Arrival(
            Delivery(
                topic: topic, payload: Array(payload.utf8), isRetained: false, arrivedAt: Timestamp(milliseconds: 0)),
            mayBeDisplaced: qos0)
    }

    @Test func whatIsTakenComesInOrderOfArrival() {
        var queue = ArrivalQueue(limit: 10)
        for id in 1...5 { _ = queue.offer(arrival("consultease/faculty/\(id)/status")) }
        #expect(queue.take(3).map(\.delivery.topic) == (1...3).map { "consultease/faculty/\($0)/status" })
        #expect(queue.take(3).map(\.delivery.topic) == (4...5).map { "consultease/faculty/\($0)/status" })
        #expect(queue.isEmpty)
    }

    @Test func inAFullQueueTheNewestStatusOfAUnitWins() {
        var queue = ArrivalQueue(limit: 2)
        _ = queue.offer(arrival("consultease/faculty/1/status", #"{"present":true}"#, qos0: true))
        _ = queue.offer(arrival("consultease/faculty/2/status", qos0: true))
        guard case .displaced = queue.offer(arrival("consultease/faculty/1/status", #"{"present":false}"#, qos0: true))
        else {
            Issue.record("not displaced")
            return
        }
        let left = queue.take(10)
        #expect(left.map(\.delivery.topic) == ["consultease/faculty/2/status", "consultease/faculty/1/status"])
        #expect(left.last?.delivery.payload == Array(#"{"present":false}"#.utf8))
    }

    @Test(arguments: [
        ("consultease/faculty/1/responses", #"{"response_type":"BUSY","message_id":"42"}"#, true),
        ("consultease/faculty/1/status", #"{"present":true}"#, false),
        ("consultease/faculty/3/status", #"{"present":true}"#, true),
    ])
    func anAnswerAQoS1MessageOrAnotherUnitDisplacesNothing(_ topic: String, _ payload: String, _ qos0: Bool) {
        var queue = ArrivalQueue(limit: 2)
        _ = queue.offer(arrival("consultease/faculty/1/status", qos0: true))
        _ = queue.offer(arrival("consultease/faculty/2/status", qos0: true))
        guard case .full = queue.offer(arrival(topic, payload, qos0: qos0)) else {
            Issue.record("the queue took more than its limit")
            return
        }
        #expect(queue.count == 2)
    }

    @Test func anAnswerIsNeverDisplaced() {
        var queue = ArrivalQueue(limit: 1)
        let answer = #"{"response_type":"BUSY","message_id":"42"}"#
        _ = queue.offer(arrival("consultease/faculty/1/responses", answer, qos0: true))
        guard case .full = queue.offer(arrival("consultease/faculty/1/status", qos0: true)) else {
            Issue.record("an answer was displaced")
            return
        }
    }
}
