// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation

/// The JSON of a card: public `FacultyData`, then what screens need beside it. Language-free; every key is always there.
struct CardElement: Encodable {
    let id: FacultyID
    let profile: FacultyProfile.Public
    let version: Int64
    let availability: Availability
    let alwaysAvailable: Bool
    let waiting: Int64
    let sortKey: String

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
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id.rawValue, forKey: .id)
        try container.encode(profile.name, forKey: .name)
        try container.encode(profile.department, forKey: .department)
        try container.encode(availability.state == .available, forKey: .status)
        try container.encode(alwaysAvailable, forKey: .alwaysAvailable)
        try container.encode(availability.lastEvidence?.flooredToMinute.iso8601, forKey: .lastSeen)
        try container.encode(version, forKey: .version)
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
        try container.encode(waiting, forKey: .waiting)
        try container.encode(sortKey, forKey: .sortKey)
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
