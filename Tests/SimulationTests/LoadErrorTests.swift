// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Simulation

@Suite("Errors of a load run")
struct LoadErrorTests {
    @Test func numbersOfUnitsAndSecondsAreWrittenAsPeopleDo() {
        let one = LoadError.notConnected(units: ["desk-1: it is connecting"], limit: .seconds(20))
        #expect("\(one)".hasPrefix("1 unit had no connection within 20 s: desk-1: it is connecting."))
        let two = LoadError.stuck(units: ["a", "b"], limit: .seconds(300))
        #expect("\(two)".hasPrefix("2 units sent nothing more for 300 s: a; b."))
    }

    @Test(arguments: [
        (HTTPFetchError.timedOut, "no answer in time"), (.status(503), "the status 503 instead of 200"),
    ])
    func anAnswerThatFailsIsToldInWords(_ error: HTTPFetchError, _ words: String) {
        #expect("\(error)" == words)
    }
}
