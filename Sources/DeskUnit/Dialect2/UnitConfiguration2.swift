// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The configuration of a dialect 2 unit from its set-up. Everything else arrives by `config` and `status` commands.
package struct UnitConfiguration2: Equatable, Sendable {
    /// The unit's id, `[a-z0-9-]{1,32}`.
    package var unit: [UInt8]
    /// The firmware's version, as `state` reports it.
    package var firmware: [UInt8]
    /// How long the beacon may be missed before its owner counts as away, in ms; `config` may change it.
    package var awayAfter: UInt64

    package init(unit: [UInt8], firmware: [UInt8], awayAfter: UInt64 = 60_000) {
        self.unit = unit
        self.firmware = firmware
        self.awayAfter = awayAfter
    }

    /// The topic that the unit subscribes to: `consultease/v2/unit/{unit}/command`.
    package var subscription: [UInt8] { topic("command") }

    /// The topic of its state and its will: `consultease/v2/unit/{unit}/state`.
    package var stateTopic: [UInt8] { topic("state") }

    func topic(_ last: StaticString) -> [UInt8] {
        ascii("consultease/v2/unit/") + unit + [0x2F] + ascii(last)
    }
}

/// Identifies one start of a unit: 16 lower-case hex digits, made from a random number.
package struct BootName: Equatable, Sendable {
    package let hex: [UInt8]

    package init(random: UInt64) {
        let digits = ascii("0123456789abcdef")
        var hex: [UInt8] = []
        for place in 0..<16 { hex.append(digits[Int((random >> UInt64(60 - 4 * place)) & 15)]) }
        self.hex = hex
    }
}
