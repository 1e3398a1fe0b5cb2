// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Randomness
import TestSupport
import Testing

@testable import Service

@Suite("Cards")
struct CardTests {
    /// The parts of names, rooms and other texts: characters that JSON escapes, characters that only some encoders
    /// escape, and long UTF-8.
    private static let pieces =
        (0..<0x20).map { String(Unicode.Scalar(UInt8($0))) } + [
            "\"", "\\", "/", "\u{7F}", "\u{80}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFF}", "\u{10FFFF}",
            "n\u{303}",
            "Ñ", "é", "ẞ", "漢", "👩‍🏫", "a", "Z", " ", "Santos", "\r\n", "</script>", "&", "\\u0041",
        ]

    private static func text(_ generator: inout SeededGenerator) -> String {
        (0..<generator.below(12)).map { _ in pieces[generator.below(pieces.count)] }.joined()
    }

    private static func moment(_ generator: inout SeededGenerator) -> Timestamp? {
        generator.chance(20) ? nil : Timestamp(milliseconds: .random(in: -1 << 40..<1 << 45, using: &generator))
    }

    private static func optional(_ generator: inout SeededGenerator) -> String? {
        generator.chance(20) ? nil : text(&generator)
    }

    private static func element(_ generator: inout SeededGenerator) throws -> CardElement {
        let profile = FacultyProfile(
            name: text(&generator), surname: text(&generator),
            department: text(&generator),
            room: optional(&generator), directions: optional(&generator), subjects: optional(&generator),
            imagePath: optional(&generator))
        let availability = Availability(
            state: try #require(AvailabilityState.allCases.randomElement(using: &generator)),
            source: try #require(EvidenceSource.allCases.randomElement(using: &generator)),
            since: moment(&generator), until: moment(&generator),
            lastKnown: generator.chance(50) ? nil : PresenceState.allCases.randomElement(using: &generator),
            lastEvidence: moment(&generator))
        return CardElement(
            id: try #require(FacultyID(.random(in: 1...(1 << 53 - 1), using: &generator))), profile: profile.publicPart,
            version: .random(in: .min ... .max, using: &generator), availability: availability,
            alwaysAvailable: generator.chance(50), waiting: .random(in: 0...99, using: &generator),
            sortKey: text(&generator))
    }

    @Test func areWrittenByteForByteAsFoundationEncodesThem() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for seed in UInt64(1)...2000 {
            var generator = SeededGenerator(seed: seed)
            let element = try Self.element(&generator)
            let expected = String(decoding: try encoder.encode(EncodableCard(element)), as: UTF8.self)
            #expect(String(decoding: element.encoded(), as: UTF8.self) == expected, "seed \(seed)")
            #expect(element.encoded() == Array(expected.utf8), "seed \(seed)")
        }
    }

    /// A reader gets back each string that was written.
    @Test func keepEveryCharacterOfAText() throws {
        for scalar in (0...0x10FFFF).lazy.compactMap(Unicode.Scalar.init)
        where scalar.value < 0x3000 || scalar.value % 97 == 0 {
            var writer = FlatJSONWriter(capacity: 32)
            let text = "a\(scalar)b"
            writer.write("text", text)
            let object = try JSONDecoder().decode([String: String].self, from: Data(writer.finish()))
            #expect(object["text"].map { Array($0.utf8) } == Array(text.utf8), "U+\(String(scalar.value, radix: 16))")
        }
    }

    @Test func haveTheSortKeyOfTheirOwnNamesWhateverTheFormerCardHad() {
        let names = ["Ana Santos", "Ana Peña", "Ana Pen\u{303}a", "ANA SANTOS", "José Cruz", ""]
        for former in names {
            for name in names {
                let fresh = card(named: name, former: nil)
                let following = card(named: name, former: card(named: former, former: nil))
                #expect(Array(following.sortKey.utf8) == Array(fresh.sortKey.utf8), "\(former) → \(name)")
                #expect(following.json == fresh.json, "\(former) → \(name)")
            }
        }
    }

    private func card(named name: String, former: Card?) -> Card {
        Card(
            id: .number(1), profile: FacultyProfile(name: name, department: "Engineering").publicPart, version: 1,
            availability: Availability(state: .unknown, source: .unit, since: nil), alwaysAvailable: false, waiting: 0,
            revision: Revision(1), former: former)
    }
}

/// The card as Foundation encodes it, to compare with the server's own writer.
private struct EncodableCard: Encodable {
    let element: CardElement

    init(_ element: CardElement) { self.element = element }

    enum CodingKeys: String, CodingKey {
        case id, name, department, status, version, availability, since, until, source, room, directions, subjects
        case surname, waiting
        case alwaysAvailable = "always_available"
        case lastSeen = "last_seen"
        case imagePath = "image_path"
        case givenName = "given_name"
        case lastKnown = "last_known"
        case sortKey = "sort_key"
    }

    func encode(to encoder: any Encoder) throws {
        let (profile, availability) = (element.profile, element.availability)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(element.id.rawValue, forKey: .id)
        try container.encode(profile.name, forKey: .name)
        try container.encode(profile.department, forKey: .department)
        try container.encode(availability.state == .available, forKey: .status)
        try container.encode(element.alwaysAvailable, forKey: .alwaysAvailable)
        try container.encode(availability.lastEvidence?.flooredToMinute.iso8601, forKey: .lastSeen)
        try container.encode(element.version, forKey: .version)
        try container.encode(profile.imagePath, forKey: .imagePath)
        try container.encode(profile.surname, forKey: .surname)
        try container.encode(profile.givenName, forKey: .givenName)
        try container.encode(availability.state.rawValue, forKey: .availability)
        try container.encode(availability.since?.iso8601, forKey: .since)
        try container.encode(availability.until?.iso8601, forKey: .until)
        try container.encode(availability.source.rawValue, forKey: .source)
        try container.encode(availability.lastKnown?.rawValue, forKey: .lastKnown)
        try container.encode(profile.room, forKey: .room)
        try container.encode(profile.directions, forKey: .directions)
        try container.encode(profile.subjects, forKey: .subjects)
        try container.encode(element.waiting, forKey: .waiting)
        try container.encode(element.sortKey, forKey: .sortKey)
    }
}
