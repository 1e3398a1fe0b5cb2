// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// A language that pages are written in. Its raw value is the BCP 47 tag that pages, links and the cookie carry.
package enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case filipino = "fil"

    /// The language of a page: the reader's choice in the address, else the one remembered, else what the browser asks
    /// for, else English. What isn't understood is passed over.
    ///
    /// - Parameters:
    ///   - parameter: `lang` of the address.
    ///   - cookie: the remembered tag.
    ///   - acceptLanguage: the header of that name (RFC 9110 §12.5.4).
    package static func negotiate(parameter: String?, cookie: String?, acceptLanguage: String?) -> Language {
        parameter.flatMap(Language.init(tag:)) ?? cookie.flatMap(Language.init(tag:))
            ?? acceptLanguage.flatMap(Language.init(acceptLanguage:)) ?? .english
    }

    /// The other one: what the language button leads to.
    package var other: Language {
        switch self {
        case .english: .filipino
        case .filipino: .english
        }
    }

    /// A tag by its primary subtag; `tl` is what browsers call Filipino if they don't know `fil`.
    init?(tag: some StringProtocol) {
        switch tag.lowercased().split(separator: "-").first {
        case "en": self = .english
        case "fil", "tl": self = .filipino
        default: return nil
        }
    }

    private init?(acceptLanguage header: String) {
        var best: (language: Language, weight: Double)?
        for part in header.prefix(bytes: 256).split(separator: ",") {
            let fields = part.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let tag = fields.first, let language = Language(tag: tag) else { continue }
            let quality = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
            let weight = quality ?? 1
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        guard let best else { return nil }
        self = best.language
    }
}
