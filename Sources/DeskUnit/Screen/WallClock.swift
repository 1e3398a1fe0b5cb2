// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The time of day. `time` commands set it, and between them the unit's uptime advances it.
struct WallClock: Equatable, Sendable {
    /// The time in UTC ms at `setAt`.
    private let utc: UInt64
    private let offsetMinutes: Int32
    private let setAt: Uptime

    private static let day: UInt32 = 86_400_000

    init(utc: UInt64, offsetMinutes: Int32, setAt: Uptime) {
        self.utc = utc
        self.offsetMinutes = offsetMinutes
        self.setAt = setAt
    }

    /// Returns the time in UTC ms at `now`.
    func utc(at now: Uptime) -> UInt64 { utc &+ now.elapsed(since: setAt) }

    /// Returns a local time such as `10:24`, a number of minutes after `now`.
    func text(at now: Uptime, plus minutes: UInt32 = 0) -> [UInt8] {
        let ofDay = Decimal.remainder(utc(at: now), Self.day) / 60_000
        let local = Int32(truncatingIfNeeded: ofDay &+ minutes) &+ offsetMinutes
        let wrapped = UInt32(truncatingIfNeeded: ((local % 1440) + 1440) % 1440)
        return Decimal.twoDigits(wrapped / 60) + [0x3A] + Decimal.twoDigits(wrapped % 60)
    }
}
