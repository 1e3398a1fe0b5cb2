// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One faculty member's public view in the API and the event stream: the fields that the checks need.
package struct ScreenCard: Sendable, Equatable, Decodable {
    package var id: Int64
    package var availability: String
    /// True exactly when availability is *available*.
    package var status: Bool
    package var since: String?
    package var source: String?
    package var version: Int64
    package var waiting: Int64?
    package var lastSeen: String?

    enum CodingKeys: String, CodingKey {
        case id, availability, status, since, source, version, waiting
        case lastSeen = "last_seen"
    }

    /// The card as a report describes it.
    package var inWords: String {
        let words = [
            availability, source.map { "from \($0)" }, since.map { "since \($0)" }, lastSeen.map { "last seen \($0)" },
            waiting.map { "\($0) waiting" }, "version \(version)",
        ]
        return words.compactMap { $0 }.joined(separator: ", ")
    }

    package var facts: EndState.FacultyFacts {
        EndState.FacultyFacts(availability: availability, isAvailable: status)
    }
}

/// A revision in its external form, `lineage-n`.
package struct ScreenRevision: Sendable, Equatable {
    package var lineage: String
    package var number: UInt64

    /// Reads the number after the last hyphen.
    package init?(_ text: String) {
        guard let hyphen = text.lastIndex(of: "-"), let number = UInt64(text[text.index(after: hyphen)...]) else {
            return nil
        }
        lineage = String(text[..<hyphen])
        self.number = number
    }
}
