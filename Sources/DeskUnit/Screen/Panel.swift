// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What the 320×240 panel shows, without saying how it is drawn: the same contents go to a display or to a terminal.
package struct Panel: Equatable, Sendable {
    /// The colour of the top 42 px. A meaning, not a hue.
    package var ground: Ground
    /// Top left: the owner's own state, or the fault. UTF-8, like all texts here.
    package var title: [UInt8]
    /// Top right: the clock, or how long a fault has lasted; empty if it isn't known.
    package var corner: [UInt8]
    /// The middle, from above.
    package var lines: [Line]
    /// What the left key does; nil if it does nothing.
    package var left: KeyLabel?
    package var right: KeyLabel?

    package init(
        ground: Ground, title: [UInt8], corner: [UInt8] = [], lines: [Line] = [], left: KeyLabel? = nil,
        right: KeyLabel? = nil
    ) {
        self.ground = ground
        self.title = title
        self.corner = corner
        self.lines = lines
        self.left = left
        self.right = right
    }

    package enum Ground: Sendable {
        case available
        case busy
        case inConsultation
        /// Away, out, unknown, or nothing said yet.
        case neutral
        case fault
        /// Quiet hours: the whole panel is dark.
        case dark
    }

    package struct Line: Equatable, Sendable {
        package var style: Style
        package var text: [UInt8]

        package init(_ style: Style, _ text: [UInt8]) {
            self.style = style
            self.text = text
        }

        package enum Style: Sendable {
            /// 25 px, the one thing to read.
            case name
            case body
            /// Smaller and greyer.
            case second
            /// A tick, whatever the text.
            case tick
        }
    }

    /// A physical key's label: what a short press does, and beneath it what holding does, or a remark.
    package struct KeyLabel: Equatable, Sendable {
        package var action: [UInt8]
        package var hint: [UInt8]

        package init(_ action: [UInt8], hint: [UInt8] = []) {
            self.action = action
            self.hint = hint
        }
    }
}
