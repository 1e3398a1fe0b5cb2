// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Every word that a screen says, in every language: one file, `messages.json`, for pages and for their script.
package struct Catalogue: Sendable {
    private let words: [Language: Words]

    /// Reads `messages.json`: an object from key to an object from language tag to text, where `{name}` is a
    /// placeholder.
    ///
    /// - Throws: `CatalogueError` if a key lacks a language, its texts differ in their placeholders, or a `Phrase`
    ///   has no entry; `DecodingError` if the file isn't of that form.
    package init(json: some Sequence<UInt8>) throws {
        let entries = try JSONDecoder().decode([String: [String: String]].self, from: Data(json))
        for (key, texts) in entries {
            guard Set(texts.keys) == Set(Language.allCases.map(\.rawValue)) else {
                throw CatalogueError(key: key, problem: .languageMissing)
            }
            guard Set(texts.values.map(Self.placeholders(in:))).count == 1 else {
                throw CatalogueError(key: key, problem: .placeholdersDiffer)
            }
        }
        for phrase in Phrase.allCases {
            let keys = phrase.isCounted ? ["\(phrase.rawValue).one", "\(phrase.rawValue).other"] : [phrase.rawValue]
            for key in keys where entries[key] == nil { throw CatalogueError(key: key, problem: .entryMissing) }
        }
        words = Dictionary(
            uniqueKeysWithValues: Language.allCases.map { language in
                (language, Words(language: language, texts: entries.compactMapValues { $0[language.rawValue] }))
            })
    }

    /// The words of one language.
    package func callAsFunction(_ language: Language) -> Words {
        words[language] ?? Words(language: language, texts: [:])
    }

    static func placeholders(in text: String) -> Set<String> {
        Set(text.split(separator: "{").dropFirst().compactMap { $0.split(separator: "}").first.map(String.init) })
    }
}

/// The catalogue isn't whole.
package struct CatalogueError: Error, CustomStringConvertible {
    package enum Problem: String, Sendable {
        case languageMissing = "lacks a language"
        case placeholdersDiffer = "has texts with different placeholders"
        case entryMissing = "is named by the code and has no entry"
    }

    package let key: String
    package let problem: Problem

    package var description: String { "messages.json: \(key) \(problem.rawValue)" }
}

/// The words of one language. Values go into placeholders; nothing is glued together.
package struct Words: Sendable {
    let language: Language
    /// By key, as `messages.json` has them: what templates read and what the script is given.
    let texts: [String: String]

    func callAsFunction(_ phrase: Phrase, _ values: KeyValuePairs<String, String> = [:]) -> String {
        filled(texts[phrase.rawValue] ?? "", values)
    }

    /// A counted phrase: the form for one, or for any other number.
    func callAsFunction(_ phrase: Phrase, count: Int64) -> String {
        filled(texts["\(phrase.rawValue).\(count == 1 ? "one" : "other")"] ?? "", ["count": String(count)])
    }

    /// A list that the catalogue keeps as words with a space between them.
    func list(_ phrase: Phrase) -> [String] {
        (texts[phrase.rawValue] ?? "").split(separator: " ").map(String.init)
    }

    /// One pass over the pattern, so that a `{` inside a value stays what it is.
    private func filled(_ pattern: String, _ values: KeyValuePairs<String, String>) -> String {
        guard !values.isEmpty else { return pattern }
        var result = ""
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let name = rest[rest.index(after: open)..<close]
            result += values.first { $0.key == name }?.value ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
