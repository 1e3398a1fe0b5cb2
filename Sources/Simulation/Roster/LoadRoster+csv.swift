// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Writes a roster as files, for an operator who prepares a server by hand.
extension LoadRoster {
    /// `faculty.csv` has one line for each faculty member, in the form that `consultease import faculty` reads.
    package var facultyCSV: String {
        "id,name,department,beacon\n"
            + units.map { "\($0.faculty),\($0.name),\($0.department),\($0.beacon)\n" }.joined()
    }

    /// `units.csv` lists the units, their faculty members and their dialects.
    package var unitsCSV: String {
        "unit,faculty,dialect\n" + units.map { "\($0.unit),\($0.faculty),\($0.dialect.rawValue)\n" }.joined()
    }

    /// `consultations.csv` lists the consultations that must be pending.
    package var consultationsCSV: String {
        "id,faculty,status\n" + consultations.map { "\($0.id),\($0.faculty),pending\n" }.joined()
    }
}
