// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation

/// Moments as commands show them to people: in the place's time zone, with its offset. Scripts read UTC.
struct LocalTime: Sendable {
    private let zone: TimeZone

    init(_ zone: TimeZone) {
        self.zone = zone
    }

    /// As `2026-12-01 09:30:15 +08:00`.
    func text(_ moment: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
        let style = Date.VerbatimFormatStyle(
            format:
                "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
            locale: Locale(identifier: "en_US_POSIX"), timeZone: zone, calendar: Calendar(identifier: .gregorian))
        return "\(date.formatted(style)) \(offset(at: date))"
    }

    private func offset(at date: Date) -> String {
        let minutes = zone.secondsFromGMT(for: date) / 60
        let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(minutes < 0 ? "-" : "+")\(digits(abs(minutes) / 60)):\(digits(abs(minutes) % 60))"
    }
}

extension Settings {
    /// How commands write moments for people: in UTC if the place's zone is not known, and they say so.
    var localTime: LocalTime { LocalTime((try? timeZone.get())?.zone ?? .gmt) }
}
