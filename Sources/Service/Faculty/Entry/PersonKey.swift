// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// A person's name and department as a reader sees them, by which the same person, entered twice, is found.
///
/// Left out is all that the eye doesn't tell apart: the form of normalisation and of compatibility, upper and lower
/// case, the kind and number of spaces, invisible characters, and the kind of dash and apostrophe. An accent counts:
/// Peña isn't Pena.
package struct PersonKey: Hashable, Sendable {
    private let name: String
    private let department: String

    package init(name: String, department: String) {
        self.name = Self.folded(name)
        self.department = Self.folded(department)
    }

    private static func folded(_ text: String) -> String {
        // What nearly all names are, and a hundred times as fast.
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return joined(text.lowercased()) }
        let composed = text.precomposedStringWithCompatibilityMapping
        // There and back, so that what has several small or several capital letters has one: ß and ss, σ and ς.
        let folded = composed.uppercased().lowercased().precomposedStringWithCompatibilityMapping
        var scalars = String.UnicodeScalarView()
        for scalar in folded.unicodeScalars where !scalar.isInvisible { scalars.append(scalar.withoutStyle) }
        return joined(String(scalars))
    }

    private static func joined(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension Unicode.Scalar {
    /// Whether it leaves no mark of its own wherever it stands.
    fileprivate var isInvisible: Bool {
        properties.isDefaultIgnorableCodePoint || properties.generalCategory == .format
    }

    /// The plain dash or apostrophe in the place of one that looks like it.
    fileprivate var withoutStyle: Unicode.Scalar {
        switch self {
        case "\u{2018}", "\u{2019}", "\u{02BC}", "\u{02B9}", "\u{2032}", "`", "\u{00B4}": "'"
        case _ where properties.generalCategory == .dashPunctuation: "-"
        default: self
        }
    }
}
