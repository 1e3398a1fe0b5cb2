// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

@Suite("Log lines about an unreachable broker")
struct OutageAccountTests {
    private let start = ContinuousClock.now

    @Test func anOutageIsOneLineAndThenOneAMinute() {
        var account = OutageAccount()
        var told: [Int] = []
        for second in 0..<180 {
            let line = account.line(
                for: "refused", hasLasted: second == 0, at: start.advanced(by: .seconds(second)))
            if let line {
                told.append(second)
                #expect(line.untold == (second == 0 ? 0 : 59))
            }
        }
        #expect(told == [0, 60, 120])
    }

    @Test func anotherReasonIsToldBeforeTheMinuteIsOver() {
        var account = OutageAccount()
        let lines = [("refused", 0), ("no such user", 1), ("no such user", 6)].map { reason, second in
            account.line(for: reason, hasLasted: false, at: start.advanced(by: .seconds(second)))
        }
        #expect(lines == [.init(untold: 0), nil, .init(untold: 1)])
    }

    @Test func theEndOfAConnectionThatLastedIsAlwaysTold() {
        var account = OutageAccount()
        let lines = (0..<3).map { second in
            account.line(for: "closed", hasLasted: true, at: start.advanced(by: .seconds(second)))
        }
        #expect(lines.allSatisfy { $0 != nil })
    }
}
