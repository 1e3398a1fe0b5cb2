// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Rules for topic names and topic filters (MQTT 5.0 sections 4.7 and 4.8.2). Text only: `Codec` does the encoding.
package enum TopicRules {
    static let largestByteCount = 65_535

    /// Whether the text is a topic name: at least one character, no wildcard, no U+0000, at most 65,535 bytes.
    package static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        return !bytes.isEmpty && bytes.count <= largestByteCount
            && !bytes.contains { $0 == plus || $0 == hash || $0 == 0 }
    }

    /// Whether the text is a topic filter; one that begins with `$share/` must also name its share.
    package static func isFilter(_ text: String) -> Bool {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= largestByteCount, !bytes.contains(0) else { return false }
        guard isShared(text) else { return hasLoneWildcards(bytes[...]) }
        let rest = bytes.dropFirst(sharePrefix.utf8.count)
        guard let end = rest.firstIndex(of: slash), end != rest.startIndex,
            !rest[..<end].contains(where: { $0 == plus || $0 == hash })
        else { return false }
        let filter = rest[rest.index(after: end)...]
        return !filter.isEmpty && hasLoneWildcards(filter)
    }

    static func isShared(_ filter: String) -> Bool { filter.utf8.starts(with: sharePrefix.utf8) }

    /// Whether each `+` is a whole level, and a `#` is the whole last level.
    private static func hasLoneWildcards(_ bytes: Substring.UTF8View) -> Bool {
        let levels = bytes.split(separator: slash, omittingEmptySubsequences: false)
        for (index, level) in levels.enumerated() {
            if level.contains(plus), level.count > 1 { return false }
            if level.contains(hash), level.count > 1 || index < levels.count - 1 { return false }
        }
        return true
    }

    private static let sharePrefix = "$share/"
    private static let plus = UInt8(ascii: "+")
    private static let hash = UInt8(ascii: "#")
    private static let slash = UInt8(ascii: "/")
}
