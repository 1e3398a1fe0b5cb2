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
        try connection.query(
            """
            SELECT f.id, b.address FROM faculty f LEFT JOIN beacon b ON b.faculty_id = f.id
            WHERE f.archived_at IS NULL AND f.id \(in: ids)
            """,
            each: { row throws(SQLError) in
                let id: FacultyID = try row.next()
                let beacon: BeaconAddress? = try row.next()
                facts[id, default: FacultyFacts(beacons: [])].beacons.formUnion(beacon.map { [$0] } ?? [])
            })
        return facts
    }

    private func presences(_ ids: Set<FacultyID>) throws -> [FacultyID: Presence] {
        try byKey(
            "SELECT p.faculty_id, \(columns: Presence.self, of: "p") FROM presence p WHERE p.faculty_id \(in: ids)"
        ) { row throws(SQLError) in (try row.next(), try row.next()) }
    }

    private func units(_ ids: Set<UnitID>) throws -> [UnitID: UnitFacts] {
        try byKey(
            """
            SELECT u.id, u.dialect, u.faculty_id, \(columns: UnitLink.self, of: "l"), l.uptime, l.uptime_at,
                l.started_at, l.heartbeat_at, l.heartbeat_interval, l.boot, l.gaps,
                (SELECT a.boot FROM unit_boot a
                    WHERE a.unit_id = u.id AND a.seen = '' AND a.opened_at > coalesce((
                        SELECT c.opened_at FROM unit_boot c WHERE c.unit_id = u.id AND c.boot = l.boot), -1)
                    ORDER BY a.opened_at DESC, a.boot LIMIT 1)
            FROM desk_unit u LEFT JOIN unit_link l ON l.unit_id = u.id WHERE u.id \(in: ids)
            """
        ) { row throws(SQLError) in (try row.next(), try UnitFacts(from: &row)) }
    }

    /// Looks each boot up by its unit and itself. The cross join has SQLite take the keys one by one.
    private func boots(_ keys: Set<BootKey>) throws -> [BootKey: BootFacts] {
        try byKey(
            """
            SELECT \(columns: BootKey.self, of: "b"), \(columns: BootFacts.self, of: "b")
            FROM \(pairs: keys.map { ($0.unit, $0.boot) }) k CROSS JOIN unit_boot b
            WHERE b.unit_id = k.column1 AND b.boot = k.column2
            """
        ) { row throws(SQLError) in (try row.next(), try row.next()) }
    }

    private func consultations(
        _ ids: Set<ConsultationID>, screens: Set<UnitID>
    ) throws -> [ConsultationID: ConsultationFacts] {
        try byKey(
            """
            SELECT c.id, \(columns: ConsultationFacts.self, of: "c") FROM consultation c
            WHERE c.id \(in: ids) OR c.on_screen_of \(in: screens)
            """
        ) { row throws(SQLError) in (try row.next(), try row.next()) }
    }

    /// The answers to these messages of these units.
    private func answers(_ keys: Set<AppliedAnswer>) throws -> Set<AppliedAnswer> {
        try Set(
            connection.query(
                """
                SELECT \(columns: AppliedAnswer.self, of: "a")
                FROM \(pairs: Set(keys.map(MessageKey.init)).map { ($0.unit, $0.messageID) }) k
                CROSS JOIN applied_answer a WHERE a.unit_id = k.column1 AND a.message_id = k.column2
                """
            ) { row throws(SQLError) in try row.next() })
    }

    private struct MessageKey: Hashable {
        let unit: UnitID
        let messageID: String

        init(_ answer: AppliedAnswer) {
            unit = answer.unit
            messageID = answer.messageID
        }
    }

    /// The person whose unit alone is configured to speak on `professor/status`; nil if none or several are.
    private func professorStatusSender() throws -> FacultyID? {
        let senders: [FacultyID] = try connection.query(
            "SELECT faculty_id FROM desk_unit WHERE speaks_professor_status = 1 AND faculty_id IS NOT NULL LIMIT 2"
        ) { row throws(SQLError) in try row.next() }
        return senders.count == 1 ? senders[0] : nil
    }

    private func byKey<Key: Hashable, Value>(
        _ statement: SQLStatement, _ decode: (inout RowReader) throws(SQLError) -> (Key, Value)
    ) throws -> [Key: Value] {
        try Dictionary(uniqueKeysWithValues: connection.query(statement, decode))
    }
}
