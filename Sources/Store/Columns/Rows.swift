// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL

// How the values of Domain that take several columns are read: the column list and the decoding stand here alone.

extension FacultyProfile: RowDecodable {
    package static let columns: RowColumns = [
        "name", "surname", "department", "room", "directions", "subjects", "image_path", "email",
    ]

    package init(from row: inout RowReader) throws(SQLError) {
        try self.init(publicColumns: &row)
        email = try row.next()
    }

    fileprivate init(publicColumns row: inout RowReader) throws(SQLError) {
        self.init(
            name: try row.next(), surname: try row.next(), department: try row.next(), room: try row.next(),
            directions: try row.next(), subjects: try row.next(), email: nil, imagePath: try row.next())
    }
}

/// Without the e-mail address, which no public screen may show, so that no query for one reads it.
extension FacultyProfile.Public: RowDecodable {
    package static let columns: RowColumns = [
        "name", "surname", "department", "room", "directions", "subjects", "image_path",
    ]

    package init(from row: inout RowReader) throws(SQLError) {
        self = try FacultyProfile(publicColumns: &row).publicPart
    }
}

extension Presence: RowDecodable {
    package static let columns: RowColumns = ["state", "since", "source", "unit_id", "evidence_at", "verified"]

    package init(from row: inout RowReader) throws(SQLError) {
        self.init(
            state: try row.next(), since: try row.next(), source: try row.next(), unit: try row.next(),
            evidenceAt: try row.next(), isVerified: try row.next())
    }
}

extension UnitLink: RowDecodable {
    /// The tolerance comes first, since it alone is never NULL in a row that exists.
    package static let columns: RowColumns = ["tolerance", "heard_at", "offline_since"]

    package init(from row: inout RowReader) throws(SQLError) {
        let tolerance: Span = try row.next()
        self.init(heardAt: try row.next(), tolerance: tolerance, offlineSince: try row.next())
    }
}

extension Override: RowDecodable {
    package static let columns: RowColumns = ["word", "set_at", "until"]

    package init(from row: inout RowReader) throws(SQLError) {
        self.init(word: try row.next(), setAt: try row.next(), until: try row.next())
    }
}

extension Availability: RowDecodable {
    package static let columns: RowColumns = ["state", "source", "since", "until", "last_known", "last_evidence"]

    package init(from row: inout RowReader) throws(SQLError) {
        self.init(
            state: try row.next(), source: try row.next(), since: try row.next(), until: try row.next(),
            lastKnown: try row.next(), lastEvidence: try row.next())
    }
}
