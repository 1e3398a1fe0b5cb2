// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit

/// The 320×240 panel as text: the same contents, a box of 40 columns.
enum PanelText {
    private static let width = 38
    private static let middle = 6

    /// Returns the box, line by line. With `isColoured`, the title has its background colour.
    static func lines(_ panel: Panel, isColoured: Bool) -> [String] {
        let title = " " + mark(panel.ground) + text(panel.title)
        let corner = text(panel.corner) + " "
        let head = padded(title, width - corner.count) + corner
        var lines = ["┌" + rule + "┐", "│" + coloured(head, panel.ground, isColoured) + "│", "├" + rule + "┤"]
        let body = panel.lines.flatMap { wrapped($0.style == .tick ? "✔" : text($0.text)) }
        for index in 0..<max(middle, body.count) {
            lines.append("│ " + padded(index < body.count ? body[index] : "", width - 1) + "│")
        }
        lines.append("├" + rule + "┤")
        lines.append("│" + keys(panel.left.map { text($0.action) }, panel.right.map { text($0.action) }) + "│")
        lines.append("│" + keys(panel.left.map { text($0.hint) }, panel.right.map { text($0.hint) }) + "│")
        lines.append("└" + rule + "┘")
        return lines
    }

    private static let rule = String(repeating: "─", count: width)

    private static func keys(_ left: String?, _ right: String?) -> String {
        let (left, right) = (" " + (left ?? ""), (right ?? "") + " ")
        return padded(left, max(left.count, width - right.count)) + right
    }

    private static func mark(_ ground: Panel.Ground) -> String {
        switch ground {
        case .available: "✔ "
        case .busy: "■ "
        case .inConsultation: "◆ "
        case .neutral: "○ "
        case .fault: "▲ "
        case .dark: ""
        }
    }

    private static func coloured(_ line: String, _ ground: Panel.Ground, _ isColoured: Bool) -> String {
        guard isColoured else { return line }
        let code =
            switch ground {
            case .available: "30;42"
            case .busy: "30;43"
            case .inConsultation: "30;46"
            case .neutral: "30;47"
            case .fault: "30;48;5;208"
            case .dark: "0"
            }
        return "\u{1B}[\(code)m\(line)\u{1B}[0m"
    }

    /// Replaces control characters, so that text from the network can't move the terminal's cursor.
    private static func text(_ bytes: [UInt8]) -> String {
        String(
            String.UnicodeScalarView(
                String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: " "
                    default: scalar
                    }
                }))
    }

    private static func padded(_ text: String, _ columns: Int) -> String {
        text.count > columns ? String(text.prefix(columns)) : text + String(repeating: " ", count: columns - text.count)
    }

    private static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            if !line.isEmpty, line.count + 1 + word.count > width - 2 {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
            while line.count > width - 2 {
                lines.append(String(line.prefix(width - 2)))
                line = String(line.dropFirst(width - 2))
            }
        }
        return lines + [line]
    }
}
