// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension AvailabilityRepository {
    /// People after `faculty` in the order of their ids, at most `limit`, whose unit was heard in a later minute than
    /// the one that the screen shows as their last evidence: later by more than `lag` whole minutes.
    ///
    /// Called in a reading transaction: one call reads each row of presence after `faculty` once at most.
    package func staleEvidence(after faculty: FacultyID?, lag: Span = .zero, limit: Int64) throws -> [FacultyID] {
        let minutes = lag.milliseconds / 60_000
        return try connection.query(
            """
            SELECT p.faculty_id FROM presence p
            JOIN unit_link l ON l.unit_id = p.unit_id
            JOIN availability a ON a.faculty_id = p.faculty_id
            JOIN faculty f ON f.id = p.faculty_id
            WHERE p.faculty_id > \(faculty?.rawValue ?? 0) AND p.state = 'present' AND p.verified = 1
                AND l.heard_at > 0 AND l.heard_at >= p.evidence_at AND a.state <> 'unknown' AND f.hides_last_seen = 0
                AND (a.last_evidence IS NULL OR a.last_evidence < (l.heard_at / 60000 - \(minutes)) * 60000)
            ORDER BY p.faculty_id LIMIT \(limit)
            """
        ) { row throws(SQLError) in try row.next() }
    }

    /// Has this transaction compute these people anew, with the age of their evidence.
    package func mark(_ people: [FacultyID]) throws {
        try connection.execute("UPDATE availability SET next_change_at = 0 WHERE faculty_id \(in: people)")
    }

    /// Whether a person should have been computed more than `span` ago, since a stored moment has come.
    package func isAnybodyOverdue(by span: Span) throws -> Bool {
        try connection.first(
            """
            SELECT 1 FROM availability a JOIN faculty f ON f.id = a.faculty_id
            WHERE a.next_change_at > 0 AND a.next_change_at <= \(now - span) LIMIT 1
            """) != nil
    }
}
