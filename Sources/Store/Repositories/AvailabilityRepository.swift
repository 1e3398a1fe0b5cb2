// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// Reads and computes each person's availability, and the moment at which time alone may change it.
package struct AvailabilityRepository {
    let connection: any Connection
    let now: Timestamp

    package init(_ transaction: Transaction) {
        connection = transaction.connection
        now = transaction.now
    }

    /// Whether a person is due: marked by an input's change, or because a stored moment has come.
    package func isAnybodyDue() throws -> Bool {
        try connection.first(
            """
            SELECT 1 FROM availability a JOIN faculty f ON f.id = a.faculty_id WHERE a.next_change_at <= \(now) LIMIT 1
            """) != nil
    }

    /// How many rows that time alone makes due one transaction computes: the rest is left to the next one, so that many
    /// who fall due together don't delay all other writers.
    package static let largestTimedCount: Int64 = 512

    /// Computes every row that an input has marked, and of those whose moment has come the earliest
    /// `largestTimedCount`; writes those that differ, set-based, in the transaction that made them due.
    func computeDue() throws {
        var rows = SQLRows(for: Self.write)
        let compute = { (row: inout RowReader) throws(SQLError) in rows.append(try computed(&row)) }
        try connection.query("\(Self.inputs) WHERE a.next_change_at <= 0", each: compute)
        try connection.query(
            """
            \(Self.inputs) WHERE a.next_change_at > 0 AND a.next_change_at <= \(now)
            ORDER BY a.next_change_at LIMIT \(Self.largestTimedCount)
            """, each: compute)
        try connection.execute(Self.write, rows)
    }

    private static let write = SQLBulkStatement(
        """
        INSERT INTO availability (faculty_id, state, source, since, until, last_known, last_evidence,
            always_available, next_change_at)
        """,
        rows: [.integer, .text, .text, .integer, .integer, .text, .integer, .integer, .integer],
        """
        ON CONFLICT (faculty_id) DO UPDATE SET state = excluded.state, source = excluded.source,
            since = excluded.since, until = excluded.until, last_known = excluded.last_known,
            last_evidence = excluded.last_evidence, always_available = excluded.always_available,
            next_change_at = excluded.next_change_at
        """)

    /// What `Inputs.init` reads.
    private static let inputs: SQLStatement = """
        SELECT a.faculty_id, a.next_change_at, f.hides_last_seen,
            (SELECT min(coalesce(c.started_at, c.created_at)) FROM consultation c
                WHERE c.faculty_id = a.faculty_id AND c.status \(oneOf: [ConsultationStatus.inProgress])),
            \(columns: Availability.self, of: "a"), \(columns: Presence.self, of: "p"),
            \(columns: UnitLink.self, of: "l"), \(columns: Override.self, of: "o")
        FROM availability a JOIN faculty f ON f.id = a.faculty_id
        LEFT JOIN presence p ON p.faculty_id = a.faculty_id
        LEFT JOIN unit_link l ON l.unit_id = p.unit_id
        LEFT JOIN override o ON o.faculty_id = a.faculty_id
        """

    private func computed(_ row: inout RowReader) throws(SQLError) -> [SQLValue] {
        let faculty: FacultyID = try row.next()
        guard let inputs = try? Inputs(&row) else { return Self.unreadable(faculty) }
        return computed(faculty, inputs)
    }

    /// An unreadable row affects its own person alone, who is unknown then.
    private static func unreadable(_ faculty: FacultyID) -> [SQLValue] {
        [
            faculty.sqlValue, AvailabilityState.unknown.sqlValue, EvidenceSource.unit.sqlValue, .null, .null, .null,
            .null, false.sqlValue, .null,
        ]
    }

    private func computed(_ faculty: FacultyID, _ inputs: Inputs) -> [SQLValue] {
        let evaluation = Availability.evaluate(inputs.availability, at: now)
        var shown = evaluation.availability
        shown.lastEvidence =
            inputs.hidesLastSeen ? nil : Self.evidence(shown, inputs.stored, isMarked: inputs.isMarked)
        let isAlwaysAvailable =
            inputs.availability.override.map {
                $0.word == .available && $0.until == nil && shown.source == .ownWord
            } ?? false
        return [
            faculty.sqlValue, shown.state.sqlValue, shown.source.sqlValue, shown.since.sqlValue, shown.until.sqlValue,
            shown.lastKnown.sqlValue, shown.lastEvidence.sqlValue, isAlwaysAvailable.sqlValue,
            evaluation.nextChangeAt.sqlValue,
        ]
    }

    /// What was seen before stays seen: only evidence of presence moves it forward. Its age alone is no reason for a
    /// commit that screens show: a row that only its moment made due, and that comes out the same, keeps the age it
    /// has.
    private static func evidence(_ shown: Availability, _ stored: Availability, isMarked: Bool) -> Timestamp? {
        var unchanged = shown
        unchanged.lastEvidence = stored.lastEvidence
        if !isMarked, unchanged == stored { return stored.lastEvidence }
        return shown.lastEvidence.map(\.flooredToMinute) ?? stored.lastEvidence
    }

    /// What one person's availability is computed from, and what is stored of it now.
    private struct Inputs {
        /// Whether an input changed, as opposed to time alone.
        let isMarked: Bool
        let hidesLastSeen: Bool
        let stored: Availability
        let availability: AvailabilityInputs

        init(_ row: inout RowReader) throws(SQLError) {
            isMarked = try row.next(Int64.self) == 0
            hidesLastSeen = try row.next()
            let inConsultationSince: Timestamp? = try row.next()
            stored = try row.next()
            let presence = try row.nextIfJoined(Presence.self)
            let link = try row.nextIfJoined(UnitLink.self)
            availability = AvailabilityInputs(
                inConsultationSince: inConsultationSince, override: try row.nextIfJoined(), presence: presence,
                link: link)
        }
    }
}
