// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import Testing

@testable import Desk

@Suite("Messages that a broker acknowledged and dropped")
struct DropDetectorTests {
    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int64) -> QueueAgeEstimator.Moment {
        QueueAgeEstimator.Moment(
            clock: ClockReading(
                moment: Timestamp(milliseconds: 1_795_521_600_000 + milliseconds), stepped: .zero),
            instant: start.advanced(by: .milliseconds(milliseconds)))
    }

    private func moment(_ seconds: Int64) -> Timestamp { at(seconds * 1000).clock.moment }

    @Test func anAcknowledgedCallThatALaterEchoOvertakesWasDropped() {
        var book = QueueAgeEstimator(caller: "me")
        let calls = (0..<4).compactMap { book.call(on: 1, at: at($0 * 1000)) }
        #expect(calls.count == 4)
        for number in [1, 2, 4] { book.acknowledge(number, on: 1) }
        _ = book.hear(calls[0], on: 1)
        #expect(book.overtaken == 0)
        _ = book.hear(calls[3], on: 1)
        #expect(book.overtaken == 1, "the third call was never acknowledged: it may not have arrived")
        _ = book.hear(calls[1], on: 1)
        #expect(book.overtaken == 1)
    }

    @Test func callsOfAnotherConnectionShowNoDrop() {
        var book = QueueAgeEstimator(caller: "me")
        _ = book.call(on: 1, at: at(0))
        book.acknowledge(1, on: 1)
        let call = book.call(on: 2, at: at(1000))
        _ = book.hear(call ?? [], on: 2)
        #expect(book.overtaken == 0)
    }

    @Test func callsAreMoreFrequentWhileOneWaits() {
        var book = QueueAgeEstimator(caller: "me")
        let first = book.call(on: 1, at: at(0), every: .seconds(5))
        let beforeAnyEcho = book.call(on: 1, at: at(500), every: .seconds(5))
        #expect(first != nil && beforeAnyEcho == nil)
        _ = book.hear(first ?? [], on: 1)
        let made = [4_500, 5_000, 5_400, 5_500].map { book.call(on: 1, at: at($0), every: .seconds(5)) != nil }
        #expect(made == [false, true, false, true])
    }

    @Test func readinessTellsOfADropForFiveMinutesAfterTheLast() {
        var drops = DropDetector()
        #expect(drops.since(at: moment(0)) == nil)
        drops.overtook(1, at: moment(10))
        drops.overtook(1, at: moment(200))
        #expect(drops.since(at: moment(499)) == moment(10))
        #expect(drops.since(at: moment(501)) == nil)
    }

    @Test func aCountThatRisesIsADropAndTheFirstOneIsOfATimeBefore() {
        var drops = DropDetector()
        let first = drops.counted(7, at: moment(0))
        #expect(first == 7 && drops.since(at: moment(1)) == nil)
        let same = drops.counted(7, at: moment(2))
        #expect(same == 0 && drops.since(at: moment(2)) == nil)
        let higher = drops.counted(9, at: moment(3))
        #expect(higher == 2 && drops.since(at: moment(3)) == moment(3))
        let lower = drops.counted(4, at: moment(4))
        #expect(lower == 4, "the broker was started anew")
    }

    @Test func theLogIsToldAtMostOnceAMinuteAndOfAllThatWasNoticed() {
        var drops = DropDetector()
        var told = [drops.news(at: moment(0))]
        drops.overtook(2, at: moment(1))
        told.append(drops.news(at: moment(1)))
        drops.overtook(1, at: moment(2))
        _ = drops.counted(30, at: moment(3))
        told += [60, 61, 200].map { drops.news(at: moment($0)) }
        #expect(told == [nil, .init(calls: 2, messages: 0), nil, .init(calls: 1, messages: 30), nil])
    }
}
