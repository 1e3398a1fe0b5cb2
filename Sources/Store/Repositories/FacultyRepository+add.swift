// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension FacultyRepository {
    /// A person to add under a free id.
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

    /// Adds many, set-based. `onProgress` is given how many are written, after each statement. Throws a constraint
    /// error if an id or a beacon is taken.
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
}
