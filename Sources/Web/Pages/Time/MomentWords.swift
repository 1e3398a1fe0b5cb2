// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Moments and ages as screens say them: 24 h clock, and as much of the date as the reader needs.
struct MomentWords {
    let words: Words
    let zone: Zone
    /// The server's time at which the page is drawn.
    let now: Timestamp
    /// Up to when what is shown is known to be true, if that isn't now.
    var staleAt: Timestamp?

    /// "9:52".
    func clock(_ moment: Timestamp) -> String { Self.clock(zone.localTime(at: moment)) }

    /// "9:52" today, "Wed 9:52" within six days, else "Mon 30 Nov 9:52".
    func moment(_ moment: Timestamp) -> String {
        let (local, today) = (zone.localTime(at: moment), zone.localTime(at: now))
        if local.day == today.day { return Self.clock(local) }
        let weekday = words.list(.weekdays)[local.weekday]
        if abs(local.day - today.day) <= 6 {
            return words(.weekdayTime, ["weekday": weekday, "time": Self.clock(local)])
        }
        return words(
            .dateTime,
            [
                "weekday": weekday, "day": String(local.date.day),
                "month": words.list(.months)[Int(local.date.month) - 1], "time": Self.clock(local),
            ])
    }

    /// The end of an absence: "Mon 30 Nov", or a time if it is today.
    func day(_ moment: Timestamp) -> String {
        let (local, today) = (zone.localTime(at: moment), zone.localTime(at: now))
        return local.day == today.day ? Self.clock(local) : date(local, months: .months)
    }

    /// "Tue 24 November".
    var today: String { date(zone.localTime(at: now), months: .monthsLong) }

    /// "3 min", "2 h", "4 days"; nil below a minute.
    func age(since moment: Timestamp) -> String? {
        let minutes = (now - moment).milliseconds / 60_000
        guard minutes >= 1 else { return nil }
        if minutes < 60 { return words(.ageMinutes, ["count": String(minutes)]) }
        if minutes < 48 * 60 { return words(.ageHours, ["count": String(minutes / 60)]) }
        return words(.ageDays, count: minutes / 1440)
    }

    /// "15 s" in steps of five below a minute.
    func fineAge(since moment: Timestamp) -> String {
        let seconds = max(5, (now - moment).milliseconds / 5000 * 5)
        return age(since: moment) ?? words(.ageSeconds, ["count": String(min(55, seconds))])
    }

    /// "41 minutes ago".
    func spokenAge(since moment: Timestamp) -> String {
        let minutes = (now - moment).milliseconds / 60_000
        guard minutes >= 1 else { return words(.ageSpokenNow) }
        if minutes < 60 { return words(.ageSpokenMinutes, count: minutes) }
        if minutes < 48 * 60 { return words(.ageSpokenHours, count: minutes / 60) }
        return words(.ageSpokenDays, count: minutes / 1440)
    }

    private func date(_ local: LocalTime, months: Phrase) -> String {
        words(
            .date,
            [
                "weekday": words.list(.weekdays)[local.weekday], "day": String(local.date.day),
                "month": words.list(months)[Int(local.date.month) - 1],
            ])
    }

    private static func clock(_ local: LocalTime) -> String {
        let minute = local.minuteOfDay % 60
        return "\(local.minuteOfDay / 60):\(minute < 10 ? "0" : "")\(minute)"
    }
}
