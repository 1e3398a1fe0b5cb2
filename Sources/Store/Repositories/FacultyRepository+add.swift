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

    /// How many people a statement adds: progress is told after each.
    private static let peopleAStatement = 100

    /// Adds many, set-based. `onProgress` is given how many are written, after each statement. Throws a constraint
    /// error if an id or a beacon is taken.
    package func add(_ additions: [Addition], onProgress: (Int) -> Void = { _ in }) throws {
        for start in stride(from: 0, to: additions.count, by: Self.peopleAStatement) {
            let chunk = additions[start..<min(start + Self.peopleAStatement, additions.count)]
            var people = SQLRows(for: Self.insertPerson, reserving: chunk.count)
            var beacons = SQLRows(for: Self.insertBeacon, reserving: chunk.count)
            for addition in chunk {
                let profile = addition.profile
                people.append([
                    addition.id.sqlValue, profile.name.sqlValue, profile.surname.sqlValue, profile.department.sqlValue,
                    profile.room.sqlValue, profile.directions.sqlValue, profile.subjects.sqlValue,
                    profile.email.sqlValue, profile.imagePath.sqlValue,
                ])
                if let beacon = addition.beacon { beacons.append([beacon.sqlValue, addition.id.sqlValue]) }
            }
            try connection.execute(Self.insertPerson, people)
            try connection.execute(Self.insertBeacon, beacons)
            onProgress(chunk.endIndex)
        }
    }

    private static let insertPerson = SQLBulkStatement(
        "INSERT INTO faculty (id, name, surname, department, room, directions, subjects, email, image_path)",
        rows: [.integer, .text, .text, .text, .text, .text, .text, .text, .text])

    private static let insertBeacon = SQLBulkStatement(
        "INSERT INTO beacon (address, faculty_id)", rows: [.text, .integer])
}
