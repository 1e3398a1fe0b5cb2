// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension Unicode.Scalar {
    /// Whether it can't stand in a field of one line: it breaks the line, steers a terminal, turns the direction of the
    /// text around it, or is invisible. The two joiners may stand: some scripts are misspelt without them.
    var isRefusedInText: Bool {
        if self == "\u{200C}" || self == "\u{200D}" { return false }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: return true
        default: return properties.isNoncharacterCodePoint
        }
    }

    /// Whether a reader sees something if it stands alone.
    var isVisible: Bool {
        // Of the symbols, one is drawn as nothing.
        if properties.isDefaultIgnorableCodePoint || self == "\u{2800}" { return false }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol,
            .otherSymbol, .unassigned:
            return true
        case .nonspacingMark, .spacingMark, .enclosingMark, .spaceSeparator, .lineSeparator, .paragraphSeparator,
            .control, .format, .surrogate, .privateUse:
            return false
        @unknown default: return false
        }
    }

    /// "U+202E RIGHT-TO-LEFT OVERRIDE": number and name as Unicode has them.
    var named: String {
        let digits = String(value, radix: 16, uppercase: true)
        let number = "U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)"
        return (properties.name ?? controlName).map { "\(number) \($0)" } ?? number
    }

    /// Unicode gives control characters no names, only these aliases.
    private var controlName: String? {
        switch value {
        case 0..<0x20: Self.controlNames[Int(value)]
        case 0x7F: "DELETE"
        case 0x80..<0xA0: "CONTROL CHARACTER"
        default: nil
        }
    }

    private static let controlNames = [
        "NULL", "START OF HEADING", "START OF TEXT", "END OF TEXT", "END OF TRANSMISSION", "ENQUIRY", "ACKNOWLEDGE",
        "ALERT",
        "BACKSPACE", "TABULATION", "LINE FEED", "LINE TABULATION", "FORM FEED", "CARRIAGE RETURN", "SHIFT OUT",
        "SHIFT IN",
        "DATA LINK ESCAPE", "DEVICE CONTROL ONE", "DEVICE CONTROL TWO", "DEVICE CONTROL THREE", "DEVICE CONTROL FOUR",
        "NEGATIVE ACKNOWLEDGE", "SYNCHRONOUS IDLE", "END OF TRANSMISSION BLOCK", "CANCEL", "END OF MEDIUM",
        "SUBSTITUTE",
        "ESCAPE", "INFORMATION SEPARATOR FOUR", "INFORMATION SEPARATOR THREE", "INFORMATION SEPARATOR TWO",
        "INFORMATION SEPARATOR ONE",
    ]
}

extension StringProtocol {
    /// Without white space at its ends.
    package var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    /// For a message to a person: in quotes, bounded, and without what could move a terminal's cursor or turn its text.
    package var quoted: String {
        let shown = unicodeScalars.prefix(60).map { $0.isRefusedInText ? "\u{FFFD}" : String($0) }.joined()
        return "\"\(shown)\(unicodeScalars.count > 60 ? "…" : "")\""
    }
}
