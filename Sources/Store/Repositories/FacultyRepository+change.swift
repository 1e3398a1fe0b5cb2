// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension FacultyRepository {
    /// The part of a faculty member that one version covers: the profile row and its beacon.
    package struct Content: Hashable, Sendable {
        package var profile: FacultyProfile
        package var beacon: BeaconAddress?
        package var isArchived: Bool

        package init(profile: FacultyProfile, beacon: BeaconAddress?, isArchived: Bool = false) {
            self.profile = profile
            self.beacon = beacon
            self.isArchived = isArchived
        }
    }

    /// Replaces the whole profile and the beacon, and raises the version by one; what is the same already is left
    /// alone. Returns the version after it; nil if no person has the id. Throws `VersionConflict<Content>`.
    @discardableResult
    package func change(
        _ id: FacultyID, to profile: FacultyProfile, beacon: BeaconAddress?, expecting: ExpectedVersion = .any
    ) throws -> Int64? {
        guard let stored = try find(id) else { return nil }
        let wanted = Content(profile: profile, beacon: beacon, isArchived: stored.archivedAt != nil)
        try stored.require(expecting, wanting: wanted)
        guard wanted != stored.content else { return stored.version }
        let changed = try connection.execute(
            """
            UPDATE faculty SET name = \(profile.name), surname = \(profile.surname), department = \(profile.department),
                room = \(profile.room), directions = \(profile.directions), subjects = \(profile.subjects),
                email = \(profile.email), image_path = \(profile.imagePath), version = version + 1
            WHERE id = \(id) AND version = \(stored.version)
            """)
        guard changed == 1 else { throw try conflict(id, expecting, wanting: wanted) }
        if beacon != stored.beacon {
            try releaseBeacons(of: id)
            if let beacon { try assign(beacon, to: id) }
        }
        return stored.version + 1
    }

    /// Hides a faculty member from screens and units; history stays. False if no person has the id or it was done
    /// before. Throws `VersionConflict<Content>`.
    package func archive(_ id: FacultyID, expecting: ExpectedVersion = .any) throws -> Bool {
        guard let stored = try find(id), stored.archivedAt == nil else { return false }
        let wanted = Content(profile: stored.profile, beacon: nil, isArchived: true)
        try stored.require(expecting, wanting: wanted)
        let changed = try connection.execute(
            """
            UPDATE faculty SET archived_at = \(now), version = version + 1
            WHERE id = \(id) AND archived_at IS NULL AND version = \(stored.version)
            """)
        guard changed == 1 else { throw try conflict(id, expecting, wanting: wanted) }
        return true
    }

    /// Frees the person's beacons for others.
    package func releaseBeacons(of id: FacultyID) throws {
        try connection.execute("DELETE FROM beacon WHERE faculty_id = \(id)")
    }

    private func conflict(
        _ id: FacultyID, _ expecting: ExpectedVersion, wanting wanted: Content
    ) throws -> VersionConflict<Content> {
        let standing = try find(id).map { Versioned(value: $0.content, version: $0.version) }
        return VersionConflict(expected: expecting, wanted: wanted, standing: standing)
    }
}

extension FacultyRepository.Stored {
    /// Throws `VersionConflict<Content>` unless the edit was made from what stands here.
    package func require(_ expecting: ExpectedVersion, wanting wanted: FacultyRepository.Content) throws {
        guard expecting.allows(version) else {
            throw VersionConflict(
                expected: expecting, wanted: wanted, standing: Versioned(value: content, version: version))
        }
    }
}
