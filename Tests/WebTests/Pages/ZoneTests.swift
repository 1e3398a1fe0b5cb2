// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing

@testable import Web

@Suite("Local time in a zone")
struct ZoneTests {
    private let manila = Zone(identifier: "Asia/Manila") { _ in .minutes(8 * 60) }

    @Test func itsDayBeginsBeforeUTCs() {
        let local = manila.localTime(at: Timestamp(milliseconds: 16 * 3_600_000))
        #expect(local.day == 1)
        #expect(local.minuteOfDay == 0)
        let before = manila.localTime(at: Timestamp(milliseconds: -8 * 3_600_000 - 1))
        #expect(before.day == -1)
        #expect(before.minuteOfDay == 1439)
    }

    /// An outside writer may have stored any number: a page shows a wrong time, but doesn't crash.
    @Test(arguments: [Int64.min, Int64.min + 1, Int64.max])
    func anyNumberThatWasStoredIsSomeMoment(_ milliseconds: Int64) {
        let local = manila.localTime(at: Timestamp(milliseconds: milliseconds))
        #expect((0..<1440).contains(local.minuteOfDay))
        #expect((0..<7).contains(local.weekday))
        _ = local.date
    }
}
