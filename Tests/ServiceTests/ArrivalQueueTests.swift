// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing
import Wire

@testable import Service

@Suite("The queue of messages to judge is bounded")
struct ArrivalQueueTests {
    private func arrival(_ topic: String, _ payload: String = #"{"present":true}"#, qos0: Bool = false) -> Arrival {
        Arrival(
            Delivery(
                topic: topic, payload: Array(payload.utf8), isRetained: false, arrivedAt: Timestamp(milliseconds: 0)),
            mayBeDisplaced: qos0)
    }

    @Test func aBatchComesInOrderOfArrival() {
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
        guard case .inPlaceOf = queue.offer(arrival("consultease/faculty/1/status", #"{"present":false}"#, qos0: true))
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

    private func word(_ faculty: Int, bytes: Int = 0) -> Arrival {
        arrival("consultease/faculty/\(faculty)/status", String(repeating: "x", count: bytes), qos0: true)
    }

    /// Promise 5: the queue has room for many more messages, but one unit gets only its share.
    @Test func oneUnitsFloodDisplacesOnlyItsOwnOldest() {
        var queue = ArrivalQueue(limits: QueueLimits(messages: 80, laneMessages: 10))
        let others = [
            "consultease/faculty/1/responses", "consultease/faculty/1/heartbeat", "consultease/faculty/2/status",
        ]
        for topic in others { _ = queue.offer(arrival(topic, qos0: true)) }
        _ = queue.offer(arrival("consultease/faculty/1/status", "kept, for it is of QoS 1"))
        var displaced = 0
        for number in 1...1000 {
            switch queue.offer(arrival("consultease/faculty/1/status", "\(number)", qos0: true)) {
            case .inPlaceOf(let older): displaced += older.count
            case .queued: continue
            case .overShare, .full: Issue.record("a word of QoS 0 had to wait")
            }
        }
        #expect(displaced == 990 && queue.count == 14)
        let left = queue.take(.max)
        #expect(left.prefix(3).map(\.delivery.topic) == others)
        #expect(left[3].delivery.payload.count > 4)
        #expect(
            left.suffix(10).map { String(decoding: $0.delivery.payload, as: UTF8.self) } == (991...1000).map { "\($0)" }
        )
        #expect(queue.isEmpty && queue.bytes == 0)
    }

    @Test func aShareIsOfBytesToo() {
        var queue = ArrivalQueue(limits: QueueLimits(messages: 1000, bytes: 400_000, laneBytes: 100_000))
        for _ in 0..<50 { _ = queue.offer(word(1, bytes: 30_000)) }
        #expect(queue.count == 3 && queue.bytes <= 100_000)
        // A message larger than any share may wait alone.
        _ = queue.offer(word(2, bytes: 200_000))
        #expect(queue.count == 4)
        guard case .full = queue.offer(arrival("consultease/faculty/3/status", String(repeating: "x", count: 200_000)))
        else {
            Issue.record("the queue took more bytes than its limit")
            return
        }
    }

    /// The first answer stands: no newer answer or status displaces it, and one unit's flood stops no other unit's
    /// messages.
    @Test(arguments: ["consultease/faculty/1/responses", "consultease/v2/unit/desk-1/event"])
    func answersBeyondTheShareAreNotTaken(topic: String) {
        var queue = ArrivalQueue(limits: QueueLimits(messages: 80, laneMessages: 10))
        var refused = 0
        for number in 1...1000 {
            if case .overShare = queue.offer(arrival(topic, "\(number)", qos0: true)) { refused += 1 }
            _ = queue.offer(word(1))
        }
        #expect(refused == 990)
        let answers = queue.take(.max).filter { $0.delivery.topic == topic }
        #expect(answers.map { String(decoding: $0.delivery.payload, as: UTF8.self) } == (1...10).map { "\($0)" })
    }

    @Test func topicsThatNoUnitSpeaksOnShareOneShare() {
        var queue = ArrivalQueue(limits: QueueLimits(messages: 80, laneMessages: 10))
        for number in 1...1000 { _ = queue.offer(arrival("consultease/invented/\(number)", qos0: true)) }
        #expect(queue.count == 10)
        guard case .queued = queue.offer(word(1)) else {
            Issue.record("invented topics took a unit's room")
            return
        }
    }

    @Test func aBatchIsBoundedInBytesButTakesOne() {
        var queue = ArrivalQueue(limit: 100)
        for _ in 0..<4 { _ = queue.offer(word(1, bytes: 10_000)) }
        #expect(queue.take(100, bytes: 25_000).count == 2)
        #expect(queue.take(100, bytes: 10).count == 1)
        #expect(queue.take(100).count == 1 && queue.isEmpty)
    }
}
