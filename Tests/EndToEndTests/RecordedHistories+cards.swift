// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import Foundation
import HashTreeCollections
import Service
import Store

/// Translates cards into cells and tokens. People of `Cast.words` have overrides, those of `Cast.units` a unit's
/// presence, and all have a room. Each write has a token of its own: the moment at which an override ends, or at which
/// a state began.
enum Cast {
    static let words = (1...4).map { FacultyID.number($0) }
    static let units = (5...7).map { FacultyID.number($0) }
    static let all = words + units

    static func room(_ id: FacultyID) -> Cell { Cell(id, "room") }
    static func shown(_ id: FacultyID) -> Cell { Cell(id, words.contains(id) ? "word" : "presence") }

    static func word(_ word: OverrideWord, until: Timestamp) -> Token {
        Token("\(word.availability.rawValue) until \(until.iso8601)")
    }

    static func presence(_ isPresent: Bool, since: Timestamp) -> Token {
        Token("\(isPresent ? "available" : "away") since \(since.iso8601)")
    }

    /// Returns one person's cells.
    static func values(
        _ id: FacultyID, room: String?, state: String, since: String?, until: String?
    ) -> [Cell: Token] {
        let shown =
            words.contains(id)
            ? until.map { "\(state) until \($0)" } ?? "no word" : "\(state) since \(since ?? "ever")"
        return [Self.room(id): Token(room ?? "no room"), Self.shown(id): Token(shown)]
    }

    static func values(
        _ id: FacultyID, _ profile: FacultyProfile.Public, _ availability: Availability
    ) -> [Cell: Token] {
        values(
            id, room: profile.room, state: availability.state.rawValue, since: availability.since?.iso8601,
            until: availability.until?.iso8601)
    }
}

extension BoardSnapshot {
    var values: [Cell: Token] {
        cards.values.reduce(into: [:]) { values, card in
            values.merge(Cast.values(card.id, card.profile, card.availability)) { $1 }
        }
    }
}

extension CardRepository.Changes {
    var values: [Cell: Token] {
        cards.reduce(into: [:]) { values, card in
            values.merge(Cast.values(card.id, card.profile, card.availability)) { $1 }
        }
    }
}

extension Frame {
    /// Decodes a frame from its JSON, as a screen does.
    init(_ frame: BoardFrame) throws {
        let body = try JSONDecoder().decode(Body.self, from: Data(frame.json))
        let values = body.cards.reduce(into: [:] as [Cell: Token]) { values, card in
            guard let id = FacultyID(card.id) else { return }
            let cells = Cast.values(
                id, room: card.room, state: card.availability, since: card.since, until: card.until)
            values.merge(cells) { $1 }
        }
        let kind: Kind =
            switch frame.kind {
            case .snapshot: .snapshot
            case .change: .change
            case .reset: .reset
            }
        self.init(kind, frame.tag, values)
    }

    private struct Body: Decodable {
        let cards: [Card]

        struct Card: Decodable {
            let id: Int64
            let room: String?
            let availability: String
            let since: String?
            let until: String?
        }
    }
}
