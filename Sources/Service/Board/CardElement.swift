// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Writes the JSON of a card: public `FacultyData`, then what screens need beside it. It names no language, and every
/// key is always there.
///
/// The server encodes a card once for each change. The keys stand in alphabetical order, as Foundation's `JSONEncoder`
/// sorts them, so equal cards have equal bytes.
struct CardElement {
    let id: FacultyID
    let profile: FacultyProfile.Public
    let version: Int64
    let availability: Availability
    let alwaysAvailable: Bool
    let waiting: Int64
    let sortKey: String

    func encoded() -> [UInt8] {
        var json = FlatJSONWriter(capacity: 768)
        json.write("always_available", alwaysAvailable)
        json.write("availability", availability.state.rawValue)
        json.write("department", profile.department)
        json.write("directions", profile.directions)
        json.write("given_name", profile.givenName)
        json.write("id", id.rawValue)
        json.write("image_path", profile.imagePath)
        json.write("last_known", availability.lastKnown?.rawValue)
        json.write("last_seen", availability.lastEvidence?.flooredToMinute.iso8601)
        json.write("name", profile.name)
        json.write("room", profile.room)
        json.write("since", availability.since?.iso8601)
        json.write("sort_key", sortKey)
        json.write("source", availability.source.rawValue)
        json.write("status", availability.state == .available)
        json.write("subjects", profile.subjects)
        json.write("surname", profile.surname)
        json.write("until", availability.until?.iso8601)
        json.write("version", version)
        json.write("waiting", waiting)
        return json.finish()
    }
}
