// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The time of day, as `time` commands set it; between them the unit's own uptime carries it on.
struct WallClock: Equatable, Sendable {
    /// UTC ms at `setAt`.
    private let utc: UInt64
    private let offsetMinutes: Int32
    private let setAt: Uptime

    private static let day: UInt32 = 86_400_000

    init(utc: UInt64, offsetMinutes: Int32, setAt: Uptime) {
        self.utc = utc
        self.offsetMinutes = offsetMinutes
        self.setAt = setAt
    }

    /// UTC ms at `now`.
    func utc(at now: Uptime) -> UInt64 { utc &+ now.elapsed(since: setAt) }

    /// `10:24`, so many minutes after `now`.
    func text(at now: Uptime, plus minutes: UInt32 = 0) -> [UInt8] {
        let ofDay = Decimal.remainder(utc(at: now), Self.day) / 60_000
        let local = Int32(truncatingIfNeeded: ofDay &+ minutes) &+ offsetMinutes
        let wrapped = UInt32(truncatingIfNeeded: ((local % 1440) + 1440) % 1440)
        return Decimal.twoDigits(wrapped / 60) + [0x3A] + Decimal.twoDigits(wrapped % 60)
    }
}
