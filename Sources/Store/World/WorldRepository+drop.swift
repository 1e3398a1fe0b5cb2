// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension WorldRepository {
    /// How many boots of a unit are remembered however old they are, its present one among them (rules 12 and 13).
    package static let rememberedBoots: Int64 = 8
    /// A unit that starts over and over is remembered for this long, and for this many boots.
    package static let rememberedTime = Span.minutes(24 * 60)
    package static let largestBootCount: Int64 = 512
    /// How many answers of a unit of dialect 1 are remembered (rule 8).
    package static let rememberedAnswers: Int64 = 256

    /// A page of units in the order of their ids.
    package struct OrderStatePage: Hashable, Sendable {
        /// The units that have boots or answers to forget.
        package let units: [String]
        /// The unit to go on after; nil at the end.
        package let next: String?
    }

    /// Looks at the next `count` units after `unit`. Called in a reading transaction: it reads the rows of these units
    /// alone.
    package func orderStatePage(after unit: String?, count: Int64) throws -> OrderStatePage {
        let page: [String] = try connection.query(
            "SELECT id FROM desk_unit WHERE id > \(unit ?? "") ORDER BY id LIMIT \(count)"
        ) { row throws(SQLError) in try row.next() }
        guard let last = page.last else { return OrderStatePage(units: [], next: nil) }
        let boots: [String] = try connection.query(oldBoots(of: page)) { row throws(SQLError) in try row.next() }
        let answers: [String] = try connection.query(oldAnswers(of: page)) { row throws(SQLError) in try row.next() }
        return OrderStatePage(units: Set(boots + answers).sorted(), next: Int64(page.count) < count ? nil : last)
    }

    /// Forgets of these units the boots and answers that no message in flight can name any more, at most `limit` of
    /// each, and returns how many rows that were. The present boot stays, whatever its age.
    ///
    /// An event of a forgotten boot would count as one of a new boot, so what is kept is more than a broker can still
    /// hold: see `wire/protocol.md`, *What is remembered*. It touches no table that a screen shows, so it makes no
    /// revision.
    package func dropOldOrderState(of units: [String], atMost limit: Int64) throws -> Int {
        let boots = try connection.execute(
            "DELETE FROM unit_boot WHERE (unit_id, boot) IN (\(oldBoots(of: units)) LIMIT \(limit))")
        let answers = try connection.execute(
            """
            DELETE FROM applied_answer WHERE (unit_id, message_id, response_type, timestamp) IN (
                \(oldAnswers(of: units)) LIMIT \(limit))
            """)
        return boots + answers
    }

    /// The boots of these units that may be forgotten. A unit's boots are counted from the newest, its present one
    /// first.
    private func oldBoots(of units: [String]) -> SQLStatement {
        """
        SELECT unit_id, boot FROM (
            SELECT b.unit_id, b.boot, b.opened_at, row_number() OVER (
                PARTITION BY b.unit_id
                ORDER BY CASE WHEN b.boot = l.boot THEN 0 ELSE 1 END, b.opened_at DESC, b.boot) AS place
            FROM unit_boot b LEFT JOIN unit_link l ON l.unit_id = b.unit_id WHERE b.unit_id \(in: units)) AS placed
        WHERE place > \(Self.largestBootCount)
            OR place > \(Self.rememberedBoots) AND opened_at < \(now - Self.rememberedTime)
        """
    }

    /// The answers of these units that may be forgotten: a unit's are counted from the newest.
    private func oldAnswers(of units: [String]) -> SQLStatement {
        """
        SELECT unit_id, message_id, response_type, timestamp FROM (
            SELECT unit_id, message_id, response_type, timestamp, row_number() OVER (
                PARTITION BY unit_id
                ORDER BY applied_at DESC, message_id, response_type, timestamp) AS place
            FROM applied_answer WHERE unit_id \(in: units)) AS placed
        WHERE place > \(Self.rememberedAnswers)
        """
    }
}
