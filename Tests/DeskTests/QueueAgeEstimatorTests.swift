// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import TestSupport
import Testing
import Wire

@testable import Desk

@Suite("Bounds for a message's age from echoes")
struct QueueAgeEstimatorTests {
    private let start = ContinuousClock.now

    /// Returns both clocks `seconds` after the start; the store's clock may have been set forward.
    private func at(_ seconds: Int64, stepped: Span = .zero, speed: Int64 = 1) -> QueueAgeEstimator.Moment {
        let moment = Timestamp(milliseconds: 1_795_521_600_000 + seconds * 1000 * speed) + stepped
        return QueueAgeEstimator.Moment(
            clock: ClockReading(moment: moment, stepped: stepped), instant: start.advanced(by: .seconds(seconds)))
    }

    /// Returns whether there is a message to hear, and it is a call.
    private func hear(_ payload: [UInt8]?, _ book: inout QueueAgeEstimator, on connection: Int = 1) -> Bool {
        payload.map { book.hear($0, on: connection) } ?? false
    }

    private func ageOf(
        _ book: inout QueueAgeEstimator, on connection: Int = 1, isRepeated: Bool = false,
        at moment: QueueAgeEstimator.Moment
    ) -> Delivery.Age {
        book.age(on: connection, isRepeated: isRepeated, at: moment)
    }

    @Test func withoutAnEchoNothingIsKnown() {
        var book = QueueAgeEstimator(caller: "me")
        #expect(ageOf(&book, at: at(0)) == .unknown)
        _ = book.call(on: 1, at: at(0))
        #expect(ageOf(&book, at: at(1)) == .unknown)
    }

    @Test(arguments: [
        (Int64(1), Delivery.Age.fresh), (15, .fresh), (16, .upTo(.seconds(16))), (3600, .upTo(.minutes(60))),
    ])
    func aMessageAfterAnEchoIsNoOlderThanItsCall(_ seconds: Int64, _ age: Delivery.Age) {
        var book = QueueAgeEstimator(caller: "me")
        let call = book.call(on: 1, at: at(0))
        #expect(hear(call, &book))
        #expect(ageOf(&book, at: at(seconds)) == age)
        #expect(ageOf(&book, isRepeated: true, at: at(seconds)) == .unknown)
    }

    /// No client read the queue for an hour: a message between two echoes is as old as the first echo's call.
    @Test func aQueueIsDatedByTheEchoesInIt() {
        var book = QueueAgeEstimator(caller: "me")
        let calls = (0..<10).map { book.call(on: 1, at: at($0 * 360)) }
        for (number, call) in calls.enumerated() {
            #expect(hear(call, &book))
            #expect(ageOf(&book, at: at(3600)) == .upTo(.minutes(Int64(60 - number * 6))))
        }
    }

    @Test func anEchoThatIsSentAgainProvesNothingMore() {
        var book = QueueAgeEstimator(caller: "me")
        let (first, second) = (book.call(on: 1, at: at(0)), book.call(on: 1, at: at(60)))
        #expect(hear(second, &book))
        #expect(hear(first, &book))
        #expect(hear(second, &book))
        #expect(ageOf(&book, at: at(61)) == .fresh)
    }

    @Test func othersEchoesAreTakenAndProveNothing() {
        var (book, other) = (QueueAgeEstimator(caller: "me"), QueueAgeEstimator(caller: "ok"))
        _ = book.call(on: 1, at: at(0))
        #expect(hear(other.call(on: 1, at: at(0)), &book))
        #expect(hear(Array("me 2".utf8), &book))
        #expect(ageOf(&book, at: at(1)) == .unknown)
    }

    @Test(arguments: ["", "me", "me 1 ", "me  1", "me x", "somebody 1", "me 99999999999999999999", "{}"])
    func aMessageThatIsNoCallGoesToTheJudge(_ text: String) {
        var book = QueueAgeEstimator(caller: "me")
        _ = book.call(on: 1, at: at(0))
        #expect(!hear(Array(text.utf8), &book))
    }

    /// A step of the clock between call and message doesn't count as waiting.
    @Test func aClockThatIsSetForwardAgesNothing() {
        var book = QueueAgeEstimator(caller: "me")
        let call = book.call(on: 1, at: at(0))
        #expect(hear(call, &book))
        #expect(ageOf(&book, at: at(20, stepped: .minutes(60))) == .upTo(.seconds(20)))
    }

    /// A demonstration's day passes in minutes, so freshness is judged by this machine's clock.
    @Test func aScaledClockAgesNothing() {
        var book = QueueAgeEstimator(caller: "me")
        let call = book.call(on: 1, at: at(0, speed: 300))
        #expect(hear(call, &book))
        #expect(ageOf(&book, at: at(10, speed: 300)) == .fresh)
        #expect(ageOf(&book, at: at(20, speed: 300)) == .upTo(.minutes(100)))
    }

    /// A broker that was restored from an older save resends old messages without marking them.
    @Test func anEchoProvesNothingOfWhatALaterConnectionBrings() {
        var book = QueueAgeEstimator(caller: "me")
        let (first, second) = (book.call(on: 1, at: at(0)), book.call(on: 1, at: at(1)))
        #expect(hear(first, &book))
        #expect(ageOf(&book, at: at(2)) == .fresh)
        #expect(ageOf(&book, on: 2, at: at(3)) == .unknown)
        #expect(hear(second, &book, on: 2))
        #expect(ageOf(&book, on: 2, at: at(3)) == .unknown)
        // These messages arrived on the former connection and waited for the reader.
        #expect(ageOf(&book, at: at(3)) == .unknown)
        let third = book.call(on: 2, at: at(4))
        #expect(hear(third, &book, on: 2))
        #expect(ageOf(&book, on: 2, at: at(5)) == .fresh)
    }

    @Test func callsThatWaitThemselvesAreMadeSeldom() {
        var book = QueueAgeEstimator(caller: "me")
        var made = 0
        for second in stride(from: Int64(0), to: 3600, by: 5) where book.call(on: 1, at: at(second)) != nil {
            made += 1
        }
        #expect(made == 120 + 50)
        let (due, tooSoon) = (book.call(on: 1, at: at(3700)), book.call(on: 1, at: at(3701)))
        #expect(due != nil && tooSoon == nil)
        let onTheNext = book.call(on: 2, at: at(3702))
        #expect(onTheNext != nil, "a new connection is measured at once")
    }

    @Test func thatNoEchoComesIsToldAtOnceAtFirstAndAfterAFewCallsLater() {
        var book = QueueAgeEstimator(caller: "me")
        #expect(book.silence(at: at(0).instant) == nil)
        let calls = (0..<3).map { book.call(on: 1, at: at($0)) }
        #expect(book.silence(at: at(3).instant) == at(0).clock.moment)
        #expect(hear(calls[1], &book))
        #expect(book.silence(at: at(32).instant) == nil)
        #expect(book.silence(at: at(33).instant) == at(2).clock.moment)
        #expect(hear(calls[2], &book))
        #expect(book.silence(at: at(60).instant) == nil)
    }
}
