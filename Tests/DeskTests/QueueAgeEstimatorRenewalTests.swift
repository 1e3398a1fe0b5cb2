// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import Testing

@testable import Desk

@Suite("When withheld messages need a new connection")
struct QueueAgeEstimatorRenewalTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int64) -> QueueAgeEstimator.Moment {
        QueueAgeEstimator.Moment(
            clock: ClockReading(moment: Timestamp(milliseconds: seconds * 1000), stepped: .zero),
            instant: start.advanced(by: .seconds(seconds)))
    }

    /// Returns an estimator for a connection with these numbers of messages before any echo.
    private func book(onceOnly: Int, atLeastOnce: Int) -> QueueAgeEstimator {
        var book = QueueAgeEstimator(caller: "me")
        for number in 0..<(onceOnly + atLeastOnce) { book.note(onceOnly: number < onceOnly, on: 1) }
        return book
    }

    private func mustRenew(_ book: inout QueueAgeEstimator, open: Int = 0, at seconds: Int64 = 0) -> Bool {
        book.mustRenew(open: open, receiveMaximum: 8, at: at(seconds).instant)
    }

    private func hearOne(_ book: inout QueueAgeEstimator, on connection: Int = 1, at seconds: Int64 = 0) {
        let call = book.call(on: connection, at: at(seconds))
        #expect(call.map { book.hear($0, on: connection) } == true)
    }

    @Test(arguments: [(0, 0, false), (7, 0, false), (0, 20, false), (1, 7, true), (8, 0, true), (20, 20, true)])
    func onlyWhereAsMuchWaitedAsReceiveMaximumAndSomeOfItInQoS0(_ onceOnly: Int, _ atLeastOnce: Int, _ must: Bool) {
        var book = book(onceOnly: onceOnly, atLeastOnce: atLeastOnce)
        hearOne(&book)
        #expect(mustRenew(&book, open: 3) == must)
    }

    @Test func notBeforeTheFirstEchoWhichComesAfterAllThatWaitedInQoS0() {
        var book = book(onceOnly: 20, atLeastOnce: 0)
        #expect(!mustRenew(&book))
        hearOne(&book)
        #expect(mustRenew(&book))
    }

    @Test func whereEchoesThemselvesAreWithheldTwoCallsTellWithNothingOpen() {
        var book = book(onceOnly: 20, atLeastOnce: 0)
        for second in 1...2 {
            _ = book.call(on: 1, at: at(Int64(second)))
            #expect(!mustRenew(&book))
            book.acknowledge(second, on: 1)
        }
        #expect(!mustRenew(&book, open: 1))
        #expect(mustRenew(&book))
    }

    @Test func messagesAfterTheFirstEchoAreFresh() {
        var book = QueueAgeEstimator(caller: "me")
        hearOne(&book)
        for _ in 0..<100 { book.note(onceOnly: true, on: 1) }
        #expect(!mustRenew(&book))
    }

    @Test func aBrokerThatReturnsNoEchoesIsNotLeftTwice() {
        var book = QueueAgeEstimator(caller: "me")
        for connection in 1...3 {
            for _ in 0..<20 { book.note(onceOnly: true, on: connection) }
            for second in 0..<2 {
                _ = book.call(on: connection, at: at(Int64(connection * 100 + second)))
                book.acknowledge(book.calls, on: connection)
            }
            #expect(mustRenew(&book, at: Int64(connection * 100 + 5)) == (connection == 1))
        }
    }

    @Test func aFloodMakesOneNewConnectionAMinuteAtMost() {
        var book = QueueAgeEstimator(caller: "me")
        var renewed: [Int64] = []
        for connection in 1...10 {
            for _ in 0..<20 { book.note(onceOnly: true, on: connection) }
            let second = Int64(connection) * 20
            hearOne(&book, on: connection, at: second)
            if mustRenew(&book, at: second) { renewed.append(second) }
        }
        #expect(renewed == [20, 100, 180])
    }
}
