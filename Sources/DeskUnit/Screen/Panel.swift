// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The contents of the 320×240 panel, independent of drawing: the same contents go to a display or to a terminal.
package struct Panel: Equatable, Sendable {
    /// The colour of the top 42 px, by its meaning.
    package var ground: Ground
    /// Top left: the owner's own state, or the fault. UTF-8, like all texts here.
    package var title: [UInt8]
    /// Top right: the clock, or the duration of a fault; empty if unknown.
    package var corner: [UInt8]
    /// The lines in the middle, from the top.
    package var lines: [Line]
    /// The label of the left key; nil if the key does nothing.
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
        /// Away, out, unknown, or no state received yet.
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
            /// 25 px, for the most important line.
            case name
            case body
            /// Smaller and greyer than the body.
            case second
            /// A tick, drawn instead of the text.
            case tick
        }
    }

    /// The label of a physical key: the action of a short press, and beneath it the action of holding it, or a remark.
    package struct KeyLabel: Equatable, Sendable {
        package var action: [UInt8]
        package var hint: [UInt8]

        package init(_ action: [UInt8], hint: [UInt8] = []) {
            self.action = action
            self.hint = hint
        }
    }
}
