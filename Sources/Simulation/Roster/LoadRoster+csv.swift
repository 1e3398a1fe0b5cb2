// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A roster as files, for those who prepare a server by hand.
extension LoadRoster {
    /// `faculty.csv`: one line a faculty member, as `consultease import faculty` reads them.
    package var facultyCSV: String {
        "id,name,department,beacon\n"
            + units.map { "\($0.faculty),\($0.name),\($0.department),\($0.beacon)\n" }.joined()
    }

    /// `units.csv`: which unit stands on whose desk, and which dialect it speaks.
    package var unitsCSV: String {
        "unit,faculty,dialect\n" + units.map { "\($0.unit),\($0.faculty),\($0.dialect.rawValue)\n" }.joined()
    }

    /// `consultations.csv`: what must be pending.
    package var consultationsCSV: String {
        "id,faculty,status\n" + consultations.map { "\($0.id),\($0.faculty),pending\n" }.joined()
    }
}
