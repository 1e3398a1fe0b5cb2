// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension FacultyRepository {
    /// Somebody to be added under an id that is free.
    package struct Addition: Sendable {
        package let id: FacultyID
        package let profile: FacultyProfile
        package let beacon: BeaconAddress?

        package init(id: FacultyID, profile: FacultyProfile, beacon: BeaconAddress?) {
            self.id = id
            self.profile = profile
            self.beacon = beacon
        }
    }

    private static let rowsAStatement = 100

    /// Adds many, set-based. `onProgress` is given how many are written, after each statement. Throws a constraint error
    /// where an id or a beacon is taken.
    package func add(_ additions: [Addition], onProgress: (Int) -> Void = { _ in }) throws {
        var written = 0
        for chunk in additions.chunks(of: Self.rowsAStatement) {
            let rows = chunk.map { addition in
                let profile = addition.profile
                return [
                    addition.id.sqlValue, profile.name.sqlValue, profile.surname.sqlValue, profile.department.sqlValue,
                    profile.room.sqlValue, profile.directions.sqlValue, profile.subjects.sqlValue,
                    profile.email.sqlValue, profile.imagePath.sqlValue,
                ]
            }
            try connection.execute(
                """
                INSERT INTO faculty (id, name, surname, department, room, directions, subjects, email, image_path)
                VALUES \(rows: rows)
                """)
            let beacons = chunk.compactMap { addition in addition.beacon.map { [$0.sqlValue, addition.id.sqlValue] } }
            if !beacons.isEmpty {
                try connection.execute("INSERT INTO beacon (address, faculty_id) VALUES \(rows: beacons)")
            }
            written += chunk.count
            onProgress(written)
        }
    }

    /// Replaces the whole profile and raises its version. False where there is nobody.
    @discardableResult
    package func update(_ id: FacultyID, to profile: FacultyProfile) throws -> Bool {
        try connection.execute(
            """
            UPDATE faculty SET name = \(profile.name), surname = \(profile.surname), department = \(profile.department),
                room = \(profile.room), directions = \(profile.directions), subjects = \(profile.subjects),
                email = \(profile.email), image_path = \(profile.imagePath), version = version + 1
            WHERE id = \(id)
            """) == 1
    }

    /// Makes the person's beacons free for somebody else.
    package func releaseBeacons(of id: FacultyID) throws {
        try connection.execute("DELETE FROM beacon WHERE faculty_id = \(id)")
    }

    /// People who aren't archived and on whose desk no unit stands, by surname.
    package func withoutUnit() throws -> [Holder] {
        let rows = try connection.query(
            """
            SELECT f.id, f.name, f.department FROM faculty f
            WHERE f.archived_at IS NULL AND NOT EXISTS (SELECT 1 FROM desk_unit u WHERE u.faculty_id = f.id)
            ORDER BY f.surname, f.name, f.id
            """)
        return try rows.map { Holder(id: try $0.get(0), name: try $0.get(1), department: try $0.get(2)) }
    }
}
