// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension Timestamp {
    /// The moment as ISO 8601 in UTC: `2026-11-24T10:24:00Z`, with three decimals if the milliseconds aren't zero.
    ///
    /// The date is computed by Howard Hinnant's `civil_from_days`, exact for the proleptic Gregorian calendar.
    package var iso8601: String {
        let (days, millisecondOfDay) = milliseconds.dividedFloor(by: 86_400_000)
        let date = CalendarDate(daysSinceEpoch: days)
        let (second, fraction) = millisecondOfDay.dividedFloor(by: 1000)
        let clock = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(date)T\(clock)\(fraction == 0 ? "" : "." + padded(fraction, 3))Z"
    }
}

/// A date of the proleptic Gregorian calendar.
package struct CalendarDate: Hashable, Sendable, CustomStringConvertible {
    package let year: Int64
    package let month: Int64
    package let day: Int64

    package init(daysSinceEpoch: Int64) {
        let (era, dayOfEra) = (daysSinceEpoch + 719_468).dividedFloor(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    package var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }
}

private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int64 {
    /// Returns the quotient rounded towards minus infinity, and a remainder that is never negative.
    fileprivate func dividedFloor(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
