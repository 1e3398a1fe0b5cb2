// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension WorldRepository {
    /// Writes what judging changed, set-based. Rows that are the same before and after are left alone.
    ///
    /// Presence and consultations rise in version without asking for one: they were loaded in this transaction, which
    /// holds the row `revision` from its beginning, so no other writer came between.
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
        var rows = SQLRows(for: Self.insertUnit, reserving: units.count)
        for (id, facts) in units { rows.append([id.sqlValue, facts.dialect.sqlValue, facts.faculty.sqlValue]) }
        try connection.execute(Self.insertUnit, rows)
    }

    private static let insertUnit = SQLBulkStatement(
        "INSERT INTO desk_unit (id, dialect, faculty_id)", rows: [.text, .integer, .integer],
        "ON CONFLICT (id) DO NOTHING")

    private func saveLinks(_ units: [(key: UnitID, value: UnitFacts)]) throws {
        var rows = SQLRows(for: Self.writeLink, reserving: units.count)
        for (id, facts) in units {
            rows.append([
                id.sqlValue, facts.link.heardAt.sqlValue, facts.link.tolerance.sqlValue,
                facts.link.offlineSince.sqlValue, (facts.uptime.lastStatus?.uptime).sqlValue,
                (facts.uptime.lastStatus?.arrivedAt).sqlValue, facts.uptime.startedAt.sqlValue,
                facts.rhythm.lastHeartbeatAt.sqlValue, facts.rhythm.interval.sqlValue,
                facts.currentBoot.sqlValue, facts.gaps.sqlValue,
            ])
        }
        try connection.execute(Self.writeLink, rows)
    }

    private static let writeLink = SQLBulkStatement(
        """
        INSERT INTO unit_link (unit_id, heard_at, tolerance, offline_since, uptime, uptime_at, started_at,
            heartbeat_at, heartbeat_interval, boot, gaps)
        """,
        rows: [
            .text, .integer, .integer, .integer, .integer, .integer, .integer, .integer, .integer, .text, .integer,
        ],
        """
        ON CONFLICT (unit_id) DO UPDATE SET heard_at = excluded.heard_at, tolerance = excluded.tolerance,
            offline_since = excluded.offline_since, uptime = excluded.uptime, uptime_at = excluded.uptime_at,
            started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at,
            heartbeat_interval = excluded.heartbeat_interval, boot = excluded.boot, gaps = excluded.gaps
        """)

    private func saveBoots(_ boots: [(key: BootKey, value: BootFacts)]) throws {
        var rows = SQLRows(for: Self.writeBoot, reserving: boots.count)
        for (key, facts) in boots {
            rows.append([
                key.unit.sqlValue, key.boot.sqlValue, facts.seen.sqlValue, facts.lastPresence.sqlValue, now.sqlValue,
            ])
        }
        try connection.execute(Self.writeBoot, rows)
    }

    private static let writeBoot = SQLBulkStatement(
        "INSERT INTO unit_boot (unit_id, boot, seen, last_presence, opened_at)",
        rows: [.text, .text, .text, .integer, .integer],
        "ON CONFLICT (unit_id, boot) DO UPDATE SET seen = excluded.seen, last_presence = excluded.last_presence")

    private func savePresences(_ presences: [(key: FacultyID, value: Presence)]) throws {
        var rows = SQLRows(for: Self.writePresence, reserving: presences.count)
        for (faculty, presence) in presences {
            rows.append([
                faculty.sqlValue, presence.state.sqlValue, presence.since.sqlValue, presence.source.sqlValue,
                presence.unit.sqlValue, presence.evidenceAt.sqlValue, presence.isVerified.sqlValue,
            ])
        }
        try connection.execute(Self.writePresence, rows)
    }

    private static let writePresence = SQLBulkStatement(
        "INSERT INTO presence (faculty_id, state, since, source, unit_id, evidence_at, verified)",
        rows: [.integer, .text, .integer, .text, .text, .integer, .integer],
        """
        ON CONFLICT (faculty_id) DO UPDATE SET state = excluded.state, since = excluded.since,
            source = excluded.source, unit_id = excluded.unit_id, evidence_at = excluded.evidence_at,
            verified = excluded.verified, version = presence.version + 1
        """)

    private func saveConsultations(_ consultations: [(key: ConsultationID, value: ConsultationFacts)]) throws {
        var rows = SQLRows(for: Self.changeConsultation, reserving: consultations.count)
        for (id, facts) in consultations {
            rows.append([
                id.sqlValue, facts.status.sqlValue, facts.minutes.sqlValue, facts.answeredAt.sqlValue,
                facts.onScreenOf.sqlValue, facts.shownAt.sqlValue,
            ])
        }
        try connection.execute(Self.changeConsultation, rows)
    }

    private static let changeConsultation = SQLBulkStatement(
        """
        UPDATE consultation SET status = v.column2, minutes = v.column3, answered_at = v.column4,
            on_screen_of = v.column5, shown_at = v.column6, version = version + 1
        FROM (
        """,
        rows: [.integer, .text, .integer, .integer, .text, .integer], ") AS v WHERE consultation.id = v.column1")

    private func saveAnswers(_ answers: Set<AppliedAnswer>) throws {
        var rows = SQLRows(for: Self.insertAnswer, reserving: answers.count)
        for answer in answers {
            rows.append([
                answer.unit.sqlValue, answer.messageID.sqlValue, answer.responseType.sqlValue,
                answer.timestamp.sqlValue, now.sqlValue,
            ])
        }
        try connection.execute(Self.insertAnswer, rows)
    }

    private static let insertAnswer = SQLBulkStatement(
        "INSERT INTO applied_answer (unit_id, message_id, response_type, timestamp, applied_at)",
        rows: [.text, .text, .text, .text, .integer], "ON CONFLICT DO NOTHING")
}
