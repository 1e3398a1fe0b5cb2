// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

/// One faculty member as scripts read them: the former system's keys, and what an administrator may see beside them.
struct PersonOutput: Encodable {
    let id: Int64
    let name: String
    let surname: String
    let department: String
    @OrNull var room: String?
    @OrNull var directions: String?
    @OrNull var subjects: String?
    @OrNull var email: String?
    @OrNull var bleID: String?
    let version: Int64
    let availability: String
    let status: Bool
    let alwaysAvailable: Bool
    @OrNull var source: String?
    @OrNull var since: String?
    @OrNull var until: String?
    @OrNull var lastSeen: String?
    @OrNull var archivedAt: String?

    enum CodingKeys: String, CodingKey {
        case id, name, surname, department, room, directions, subjects, email, version, availability, status, source
        case since, until
        case bleID = "ble_id"
        case alwaysAvailable = "always_available"
        case lastSeen = "last_seen"
        case archivedAt = "archived_at"
    }

    /// - Parameter written: how moments are written; scripts read UTC.
    init(
        _ stored: FacultyRepository.Stored, _ shown: AvailabilityRepository.Shown?,
        written: (Timestamp) -> String = \.iso8601
    ) {
        // A status that was not computed in time is unknown, whatever the row says.
        let current = shown.flatMap { $0.isOverdue || stored.archivedAt != nil ? nil : $0 }
        id = stored.id.rawValue
        name = stored.profile.name
        surname = stored.profile.surname
        department = stored.profile.department
        room = stored.profile.room
        directions = stored.profile.directions
        subjects = stored.profile.subjects
        email = stored.profile.email
        bleID = stored.beacon?.rawValue
        version = stored.version
        availability = (current?.availability.state ?? .unknown).rawValue
        status = current?.availability.state == .available
        alwaysAvailable = current?.isAlwaysAvailable ?? false
        source = current?.availability.source.rawValue
        since = current?.availability.since.map(written)
        until = current?.availability.until.map(written)
        lastSeen = shown?.availability.lastEvidence.map(written)
        archivedAt = stored.archivedAt.map(written)
    }
}

extension PersonOutput {
    static let overdueNote =
        "Note: where no server has looked in time, availability is shown as unknown. Is `consultease serve` running?"
}
