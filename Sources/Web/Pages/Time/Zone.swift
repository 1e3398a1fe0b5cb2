// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// The university's time zone, as pages need it: its IANA name for the script, and its offset at any moment.
///
/// The conversion comes in from outside, so that one place alone knows a zone database.
package struct Zone: Sendable {
    /// The IANA name, such as `Asia/Manila`.
    package let identifier: String
    /// Local time minus UTC at a moment.
    let offset: @Sendable (Timestamp) -> Span

    /// - Parameter utcOffset: local time minus UTC at a moment.
    package init(identifier: String, utcOffset: @escaping @Sendable (Timestamp) -> Span) {
        self.identifier = identifier
        offset = utcOffset
    }

    func localTime(at moment: Timestamp) -> LocalTime {
        LocalTime(localMilliseconds: (moment + offset(moment)).milliseconds)
    }
}

/// A moment on the clocks of one zone.
struct LocalTime: Hashable {
    /// Days since 1970-01-01 on the local calendar.
    let day: Int64
    /// 0…1439.
    let minuteOfDay: Int64

    init(localMilliseconds: Int64) {
        let remainder = localMilliseconds % 86_400_000
        let millisecondOfDay = remainder < 0 ? remainder + 86_400_000 : remainder
        day = localMilliseconds / 86_400_000 - (remainder < 0 ? 1 : 0)
        minuteOfDay = millisecondOfDay / 60_000
    }

    var date: CalendarDate { CalendarDate(daysSinceEpoch: day) }
    /// 0 is Sunday. 1970-01-01 was a Thursday.
    var weekday: Int { Int(((day + 4) % 7 + 7) % 7) }
}
