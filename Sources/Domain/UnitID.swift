// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A desk unit's name in MQTT: 1 to 32 of `a-z`, `0-9` and `-`.
///
/// A dialect 1 unit has no name of its own: it is called `d1-{faculty}`, after the id in its topics.
package struct UnitID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// Returns nil unless the text has the form of a unit's id.
    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard (1...32).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        rawValue = String(text)
    }

    /// The unit of dialect 1 whose topics name this faculty member.
    package init(dialect1 faculty: FacultyID) {
        rawValue = "d1-\(faculty)"
    }

    /// The faculty member in the id of a dialect 1 unit, `d1-{faculty}`. Nil for every other id.
    package var dialect1Faculty: FacultyID? {
        rawValue.hasPrefix("d1-") ? FacultyID(digits: rawValue.dropFirst(3)) : nil
    }

    package var description: String { rawValue }

    package static func < (left: UnitID, right: UnitID) -> Bool { left.rawValue < right.rawValue }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

/// Identifies one start of a dialect 2 unit: 8 to 32 lower-case hex digits, new at each start.
package struct BootID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard (8...32).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        rawValue = String(text)
    }

    package var description: String { rawValue }

    package static func < (left: BootID, right: BootID) -> Bool { left.rawValue < right.rawValue }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
