// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Computes the state that the server must reach, only from what was done and the rules.
///
/// It shares no code with the server. `hear` is commutative and idempotent: the expectation doesn't depend on the order
/// or number of times in which utterances are heard. That is promise 8, so a server that differs is wrong.
package struct Oracle: Sendable, Equatable {
    private var heard: [Int64: [Utterance.Place: Utterance.Word]] = [:]
    private let askedOf: [Int64: Int64]

    /// - Parameter roster: its faculty members begin unknown, and its consultations pending.
    package init(_ roster: LoadRoster) {
        askedOf = Dictionary(roster.consultations.map { ($0.id, $0.faculty) }, uniquingKeysWith: { first, _ in first })
    }

    package mutating func hear(_ utterance: Utterance) {
        heard[utterance.faculty, default: [:]][utterance.place] = utterance.word
    }

    /// Returns what must hold for one faculty member after everything is delivered. The last utterance decides, except
    /// a press that the server must refuse, which proves nothing.
    package func expectation(for faculty: Int64) -> ExpectedState {
        let answers = answers(by: faculty)
        let words = (heard[faculty] ?? [:]).filter { _, word in
            guard case .answer(let consultation, let answer) = word else { return true }
            return answers[consultation] == answer
        }
        switch words.max(by: { $0.key < $1.key })?.value {
        case .present, .answer: return .live(isPresent: true)
        case .absent: return .live(isPresent: false)
        case .gone, nil: return .unknown
        }
    }

    /// Returns the status that a consultation must have, as the database spells it: the first answer of the person who
    /// was asked.
    package func status(ofConsultation id: Int64) -> String {
        guard let faculty = askedOf[id] else { return "pending" }
        return answers(by: faculty)[id]?.rawValue ?? "pending"
    }

    private func answers(by faculty: Int64) -> [Int64: OracleAnswer] {
        var first: [Int64: (place: Utterance.Place, answer: OracleAnswer)] = [:]
        for (place, word) in heard[faculty] ?? [:] {
            guard case .answer(let consultation, let answer) = word, askedOf[consultation] == faculty else { continue }
            if let earlier = first[consultation], earlier.place < place { continue }
            first[consultation] = (place, answer)
        }
        return first.mapValues(\.answer)
    }
}

/// What must be shown of a faculty member without an override, a calendar and a consultation in progress.
package enum ExpectedState: Sendable, Hashable {
    case live(isPresent: Bool)
    /// The unit is off, or never sent a report.
    case unknown

    /// The presence row's expected state; nil if any is right.
    package var presence: String? {
        switch self {
        case .live(let isPresent): isPresent ? "present" : "absent"
        case .unknown: nil
        }
    }

    package var availability: String {
        switch self {
        case .live(let isPresent): isPresent ? "available" : "away"
        case .unknown: "unknown"
        }
    }
}
