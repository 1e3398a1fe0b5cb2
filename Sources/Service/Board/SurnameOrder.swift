// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Foundation

/// Orders people in lists by surname, as Filipino and Spanish readers look names up.
///
/// Ñ is a letter between N and O; other accents and case decide only between names that are the same without them.
/// Words count one by one, a hyphen parting them as a space does: *De Leon*, *Dela Cruz*, *Delacruz*. Other punctuation
/// doesn't count: *D'Angelo* stands as *Dangelo*, *Sta. Ana* as *Sta Ana*. Letters that aren't Latin follow Z.
package enum SurnameOrder {
    /// Returns a key that sorts, character by character, in the order of the list. Only the same surname and name give
    /// equal keys.
    ///
    /// First both without accents and case, then both as they are written, so that a *José* stands beside his *Jose*
    /// cousins but two people never change places. Below U+10000 its order by UTF-8, by UTF-16 and by scalars is the
    /// same, so a page's script may compare it with `<`.
    package static func key(surname: String, name: String) -> String {
        let asWritten = [surname, name].map(\.precomposedStringWithCanonicalMapping)
        return ([folded(surname), folded(name)] + asWritten).joined(separator: " ")
    }

    /// Returns the people in the order of a list; the id decides between equal names. Each key is made once.
    package static func sorted<Person>(
        _ people: [Person], by names: (Person) -> (surname: String, name: String, id: FacultyID)
    ) -> [Person] {
        people
            .map { person in
                let (surname, name, id) = names(person)
                return (key: key(surname: surname, name: name), id: id, person: person)
            }
            .sorted { ($0.key, $0.id) < ($1.key, $1.id) }
            .map(\.person)
    }

    /// Returns the text as small letters without accents, and digits. Ñ becomes `n~`, since `~` sorts after every ASCII
    /// letter and digit. A full stop separates words: it sorts before letters and digits, and after the space between a
    /// key's levels.
    static func folded(_ text: String) -> String {
        var result = ""
        var isWordOpen = false
        for scalar in scalars(of: text) {
            guard let letters = letters(for: scalar) else {
                if isWordOpen, result.last == "n", scalar == combiningTilde { result.append("~") }
                if parts.contains(scalar) || scalar.properties.isWhitespace { isWordOpen = false }
                continue
            }
            if !isWordOpen, !result.isEmpty { result.append(".") }
            isWordOpen = true
            result.append(letters)
        }
        return result
    }

    private static let combiningTilde: Unicode.Scalar = "\u{303}"
    /// Characters that separate two words, beside white space.
    private static let parts: Set<Unicode.Scalar> = [
        "-", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2014}", "/", ",", "_",
    ]

    private static func scalars(of text: String) -> String.UnicodeScalarView {
        text.utf8.allSatisfy { $0 < 0x80 }
            ? text.lowercased().unicodeScalars
            : text.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars
    }

    /// Returns the letters that stand for a scalar in a key; nil if it is no letter or digit.
    private static func letters(for scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "a"..."z", "0"..."9": return String(scalar)
        case "ß": return "ss"
        case "æ": return "ae"
        case "œ": return "oe"
        case "ø": return "o"
        case "đ", "ð": return "d"
        case "ł": return "l"
        case "þ": return "th"
        case "ı": return "i"
        default: break
        }
        return switch scalar.properties.generalCategory {
        case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .decimalNumber,
            .letterNumber:
            String(scalar)
        default: nil
        }
    }
}
