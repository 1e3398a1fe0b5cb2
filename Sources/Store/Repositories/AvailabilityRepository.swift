// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// What is shown of each person, and when time alone may change it.
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
        let marked = try connection.query("\(literal: Self.inputs) WHERE a.next_change_at <= 0")
        let timed = try connection.query(
            """
            \(literal: Self.inputs) WHERE a.next_change_at > 0 AND a.next_change_at <= \(now)
            ORDER BY a.next_change_at LIMIT \(Self.largestTimedCount)
            """)
        let due = marked + timed
        guard !due.isEmpty else { return }
        // An unreadable row affects its own person alone, who is unknown then.
        let rows = try due.map { row in try (try? computed(row)) ?? Self.unreadable(try row.get(0)) }
        for chunk in rows.chunks(of: 100) {
            try connection.execute(
                """
                INSERT INTO availability (faculty_id, state, source, since, until, last_known, last_evidence,
                    always_available, next_change_at)
                VALUES \(rows: chunk)
                ON CONFLICT (faculty_id) DO UPDATE SET state = excluded.state, source = excluded.source,
                    since = excluded.since, until = excluded.until, last_known = excluded.last_known,
                    last_evidence = excluded.last_evidence, always_available = excluded.always_available,
                    next_change_at = excluded.next_change_at
                """)
        }
    }

    private static let inputs: StaticString = """
        SELECT a.faculty_id, a.state, a.source, a.since, a.until, a.last_known, a.last_evidence, a.always_available,
            p.state, p.since, p.source, p.unit_id, p.evidence_at, p.verified,
            l.unit_id, l.heard_at, l.tolerance, l.offline_since,
            o.word, o.set_at, o.until,
            (SELECT min(coalesce(c.started_at, c.created_at)) FROM consultation c
                WHERE c.faculty_id = a.faculty_id AND c.status = 'in-progress'),
            f.hides_last_seen, a.next_change_at
        FROM availability a JOIN faculty f ON f.id = a.faculty_id
        LEFT JOIN presence p ON p.faculty_id = a.faculty_id
        LEFT JOIN unit_link l ON l.unit_id = p.unit_id
        LEFT JOIN override o ON o.faculty_id = a.faculty_id
        """

    private static func unreadable(_ faculty: FacultyID) -> [SQLValue] {
        [
            faculty.sqlValue, AvailabilityState.unknown.sqlValue, EvidenceSource.unit.sqlValue, .null, .null, .null,
            .null,
            false.sqlValue, .null,
        ]
    }

    private func computed(_ row: SQLRow) throws -> [SQLValue] {
        let faculty: FacultyID = try row.get(0)
        let inputs = AvailabilityInputs(
            inConsultationSince: try row.get(21), override: try Self.override(row), presence: try Self.presence(row),
            link: try Self.link(row))
        let evaluation = Availability.evaluate(inputs, at: now)
        var shown = evaluation.availability
        let stored = try Self.stored(row)
        shown.lastEvidence = try row.get(22) ? nil : Self.evidence(shown, stored, isMarked: try row.get(23) == Int64(0))
        let isAlwaysAvailable =
            inputs.override.map { $0.word == .available && $0.until == nil && shown.source == .ownWord } ?? false
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

    private static func stored(_ row: SQLRow) throws -> Availability {
        Availability(
            state: try row.get(1), source: try row.get(2), since: try row.get(3), until: try row.get(4),
            lastKnown: try row.get(5), lastEvidence: try row.get(6))
    }

    private static func presence(_ row: SQLRow) throws -> Presence? {
        guard let state = try row.get(8, as: PresenceState?.self) else { return nil }
        return Presence(
            state: state, since: try row.get(9), source: try row.get(10), unit: try row.get(11),
            evidenceAt: try row.get(12), isVerified: try row.get(13))
    }

    private static func link(_ row: SQLRow) throws -> UnitLink? {
        guard try row.get(14, as: String?.self) != nil else { return nil }
        return UnitLink(heardAt: try row.get(15), tolerance: try row.get(16), offlineSince: try row.get(17))
    }

    private static func override(_ row: SQLRow) throws -> Override? {
        guard let word = try row.get(18, as: OverrideWord?.self) else { return nil }
        return Override(word: word, setAt: try row.get(19), until: try row.get(20))
    }
}

extension Array {
    /// The elements in order, at most `size` at a time: what one statement may carry.
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
