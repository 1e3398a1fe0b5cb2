// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension WorldRepository {
    private static let rowsAStatement = 100

    /// Writes what judging changed, set-based. Rows that are the same before and after are left alone.
    ///
    /// Presence and consultations rise in version without asking for one: they were loaded in this very transaction,
    /// and nobody else has written since, for a transaction holds the row `revision` from its beginning.
    package func save(_ after: World, since before: World) throws {
        try saveNewUnits(after.units.filter { before.units[$0.key] == nil })
        try saveLinks(changes(after.units, since: before.units))
        try saveBoots(changes(after.boots, since: before.boots))
        try savePresences(changes(after.presences, since: before.presences))
        try saveConsultations(changes(after.consultations, since: before.consultations))
        try saveAnswers(after.appliedAnswers.subtracting(before.appliedAnswers))
    }

    private func changes<Key: Hashable, Value: Equatable>(
        _ after: [Key: Value], since before: [Key: Value]
    ) -> [(key: Key, value: Value)] {
        after.filter { before[$0.key] != $0.value }.map { ($0.key, $0.value) }
    }

    private func saveNewUnits(_ units: [UnitID: UnitFacts]) throws {
        for chunk in Array(units).chunks(of: Self.rowsAStatement) {
            let rows = chunk.map { [$0.key.sqlValue, $0.value.dialect.sqlValue, $0.value.faculty.sqlValue] }
            try connection.execute(
                """
                INSERT INTO desk_unit (id, dialect, faculty_id) VALUES \(rows: rows) ON CONFLICT (id) DO NOTHING
                """)
        }
    }

    private func saveLinks(_ units: [(key: UnitID, value: UnitFacts)]) throws {
        for chunk in units.chunks(of: Self.rowsAStatement) {
            let rows = chunk.map { id, facts in
                [
                    id.sqlValue, facts.link.heardAt.sqlValue, facts.link.tolerance.sqlValue,
                    facts.link.offlineSince.sqlValue, (facts.uptime.lastStatus?.uptime).sqlValue,
                    (facts.uptime.lastStatus?.arrivedAt).sqlValue, facts.uptime.startedAt.sqlValue,
                    facts.rhythm.lastHeartbeatAt.sqlValue, facts.rhythm.interval.sqlValue,
                    facts.currentBoot.sqlValue, facts.gaps.sqlValue,
                ]
            }
            try connection.execute(
                """
                INSERT INTO unit_link (unit_id, heard_at, tolerance, offline_since, uptime, uptime_at, started_at,
                    heartbeat_at, heartbeat_interval, boot, gaps)
                VALUES \(rows: rows)
                ON CONFLICT (unit_id) DO UPDATE SET heard_at = excluded.heard_at, tolerance = excluded.tolerance,
                    offline_since = excluded.offline_since, uptime = excluded.uptime, uptime_at = excluded.uptime_at,
                    started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at,
                    heartbeat_interval = excluded.heartbeat_interval, boot = excluded.boot, gaps = excluded.gaps
                """)
        }
    }

    private func saveBoots(_ boots: [(key: BootKey, value: BootFacts)]) throws {
        for chunk in boots.chunks(of: Self.rowsAStatement) {
            let rows = chunk.map { key, facts in
                [
                    key.unit.sqlValue, key.boot.sqlValue, facts.seen.sqlValue, facts.lastPresence.sqlValue,
                    now.sqlValue,
                ]
            }
            try connection.execute(
                """
                INSERT INTO unit_boot (unit_id, boot, seen, last_presence, opened_at) VALUES \(rows: rows)
                ON CONFLICT (unit_id, boot) DO UPDATE SET seen = excluded.seen, last_presence = excluded.last_presence
                """)
        }
    }

    private func savePresences(_ presences: [(key: FacultyID, value: Presence)]) throws {
        for chunk in presences.chunks(of: Self.rowsAStatement) {
            let rows = chunk.map { faculty, presence in
                [
                    faculty.sqlValue, presence.state.sqlValue, presence.since.sqlValue, presence.source.sqlValue,
                    presence.unit.sqlValue, presence.evidenceAt.sqlValue, presence.isVerified.sqlValue,
                ]
            }
            try connection.execute(
                """
                INSERT INTO presence (faculty_id, state, since, source, unit_id, evidence_at, verified)
                VALUES \(rows: rows)
                ON CONFLICT (faculty_id) DO UPDATE SET state = excluded.state, since = excluded.since,
                    source = excluded.source, unit_id = excluded.unit_id, evidence_at = excluded.evidence_at,
                    verified = excluded.verified, version = presence.version + 1
                """)
        }
    }

    private func saveConsultations(_ consultations: [(key: ConsultationID, value: ConsultationFacts)]) throws {
        for chunk in consultations.chunks(of: Self.rowsAStatement) {
            let rows = chunk.map { id, facts in
                [
                    id.sqlValue, facts.status.sqlValue, facts.minutes.sqlValue, facts.answeredAt.sqlValue,
                    facts.onScreenOf.sqlValue, facts.shownAt.sqlValue,
                ]
            }
            // Both engines name the columns of VALUES column1, column2, …; a column that is NULL in every row has no
            // type of its own on PostgreSQL, so the first row is cast.
            try connection.execute(
                """
                UPDATE consultation SET status = v.column2, minutes = v.column3, answered_at = v.column4,
                    on_screen_of = v.column5, shown_at = v.column6, version = version + 1
                FROM (VALUES
                    \(rows: rows, types: ["BIGINT", "TEXT", "BIGINT", "BIGINT", "TEXT", "BIGINT"])) AS v WHERE consultation.id = v.column1
                """)
        }
    }

    private func saveAnswers(_ answers: Set<AppliedAnswer>) throws {
        for chunk in Array(answers).chunks(of: Self.rowsAStatement) {
            let rows = chunk.map { answer in
                [
                    answer.unit.sqlValue, answer.messageID.sqlValue, answer.responseType.sqlValue,
                    answer.timestamp.sqlValue, now.sqlValue,
                ]
            }
            try connection.execute(
                """
                INSERT INTO applied_answer (unit_id, message_id, response_type, timestamp, applied_at)
                VALUES \(rows: rows)
                ON CONFLICT DO NOTHING
                """)
        }
    }
}
