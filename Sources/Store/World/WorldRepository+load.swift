// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

/// The part of the database that judging a batch of messages reads and changes.
package struct WorldRepository {
    let connection: any Connection
    let now: Timestamp

    package init(_ transaction: Transaction) {
        connection = transaction.connection
        now = transaction.now
    }

    /// Loads what `keys` name, set-based: a handful of queries whatever the batch's size.
    package func load(_ keys: WorldKeys) throws -> World {
        var world = World()
        if !keys.units.isEmpty { world.units = try units(keys.units) }
        let people = keys.faculty.union(world.units.values.compactMap(\.faculty))
        if !people.isEmpty {
            world.faculty = try faculty(people)
            world.presences = try presences(people)
        }
        if !keys.boots.isEmpty { world.boots = try boots(keys.boots) }
        if !keys.consultations.isEmpty || !keys.screens.isEmpty {
            world.consultations = try consultations(keys.consultations, screens: keys.screens)
        }
        if !keys.answers.isEmpty { world.appliedAnswers = try answers(keys.answers) }
        if keys.needsProfessorStatusSender, let sender = try professorStatusSender() {
            world.professorStatusSender = sender
            try world.faculty.merge(faculty([sender])) { $1 }
            try world.presences.merge(presences([sender])) { $1 }
            try world.units.merge(units([UnitID(dialect1: sender)])) { $1 }
        }
        return world
    }

    private func faculty(_ ids: Set<FacultyID>) throws -> [FacultyID: FacultyFacts] {
        var facts: [FacultyID: FacultyFacts] = [:]
        let rows = try connection.query(
            """
            SELECT f.id, b.address FROM faculty f LEFT JOIN beacon b ON b.faculty_id = f.id
            WHERE f.archived_at IS NULL AND f.id IN \(list: ids)
            """)
        for row in rows {
            let id: FacultyID = try row.get(0)
            let beacon: BeaconAddress? = try row.get(1)
            facts[id, default: FacultyFacts(beacons: [])].beacons.formUnion(beacon.map { [$0] } ?? [])
        }
        return facts
    }

    private func presences(_ ids: Set<FacultyID>) throws -> [FacultyID: Presence] {
        let rows = try connection.query(
            """
            SELECT faculty_id, state, since, source, unit_id, evidence_at, verified FROM presence
            WHERE faculty_id IN \(list: ids)
            """)
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (
                    try row.get(0),
                    Presence(
                        state: try row.get(1), since: try row.get(2), source: try row.get(3), unit: try row.get(4),
                        evidenceAt: try row.get(5), isVerified: try row.get(6))
                )
            })
    }

    private func units(_ ids: Set<UnitID>) throws -> [UnitID: UnitFacts] {
        let rows = try connection.query(
            """
            SELECT u.id, u.dialect, u.faculty_id, l.heard_at, l.tolerance, l.offline_since, l.uptime, l.uptime_at,
                l.started_at, l.heartbeat_at, l.heartbeat_interval, l.boot, l.gaps,
                (SELECT a.boot FROM unit_boot a
                    WHERE a.unit_id = u.id AND a.seen = '' AND a.opened_at > coalesce((
                        SELECT c.opened_at FROM unit_boot c WHERE c.unit_id = u.id AND c.boot = l.boot), -1)
                    ORDER BY a.opened_at DESC, a.boot LIMIT 1)
            FROM desk_unit u LEFT JOIN unit_link l ON l.unit_id = u.id WHERE u.id IN \(list: ids)
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { row in (try row.get(0), try Self.unit(row)) })
    }

    private static func unit(_ row: SQLRow) throws -> UnitFacts {
        var facts = UnitFacts(dialect: try row.get(1), faculty: try row.get(2))
        // Without a row of its own the link is that of a unit that was never heard.
        guard let tolerance = try row.get(4, as: Span?.self) else { return facts }
        facts.link = UnitLink(heardAt: try row.get(3), tolerance: tolerance, offlineSince: try row.get(5))
        if let uptime = try row.get(6, as: Int64?.self), let arrivedAt = try row.get(7, as: Timestamp?.self) {
            facts.uptime.lastStatus = UptimeStamp(uptime: uptime, arrivedAt: arrivedAt)
        }
        facts.uptime.startedAt = try row.get(8)
        facts.rhythm = HeartbeatRhythm(lastHeartbeatAt: try row.get(9), interval: try row.get(10))
        facts.currentBoot = try row.get(11)
        facts.gaps = try row.get(12)
        facts.announcedBoot = try row.get(13)
        return facts
    }

    private func boots(_ keys: Set<BootKey>) throws -> [BootKey: BootFacts] {
        let rows = try connection.query(
            """
            SELECT unit_id, boot, seen, last_presence FROM unit_boot
            WHERE unit_id IN \(list: Set(keys.map(\.unit))) AND boot IN \(list: Set(keys.map(\.boot)))
            """)
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (
                    BootKey(unit: try row.get(0), boot: try row.get(1)),
                    BootFacts(seen: try row.get(2), lastPresence: try row.get(3))
                )
            })
    }

    private func consultations(
        _ ids: Set<ConsultationID>, screens: Set<UnitID>
    ) throws -> [ConsultationID: ConsultationFacts] {
        let rows = try connection.query(
            """
            SELECT id, faculty_id, status, minutes, answered_at, on_screen_of, shown_at FROM consultation
            WHERE id IN \(list: ids) OR on_screen_of IN \(list: screens)
            """)
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (
                    try row.get(0),
                    ConsultationFacts(
                        faculty: try row.get(1), status: try row.get(2), minutes: try row.get(3),
                        answeredAt: try row.get(4), onScreenOf: try row.get(5), shownAt: try row.get(6))
                )
            })
    }

    private func answers(_ keys: Set<AppliedAnswer>) throws -> Set<AppliedAnswer> {
        let rows = try connection.query(
            """
            SELECT unit_id, message_id, response_type, timestamp FROM applied_answer
            WHERE unit_id IN \(list: Set(keys.map(\.unit))) AND message_id IN \(list: Set(keys.map(\.messageID)))
            """)
        return try Set(
            rows.map { row in
                AppliedAnswer(
                    unit: try row.get(0), messageID: try row.get(1), responseType: try row.get(2),
                    timestamp: try row.get(3))
            })
    }

    /// Whose unit alone is configured to speak on `professor/status`; nil if none or several are.
    private func professorStatusSender() throws -> FacultyID? {
        let rows = try connection.query(
            "SELECT faculty_id FROM desk_unit WHERE speaks_professor_status = 1 AND faculty_id IS NOT NULL LIMIT 2")
        return rows.count == 1 ? try rows[0].get(0) : nil
    }
}
