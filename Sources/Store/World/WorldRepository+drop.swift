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

    /// Forgets the boots and answers that no message in flight can name any more. The present boot stays, whatever its age.
    ///
    /// An event of a forgotten boot would count as one of a new boot, so what is kept is more than a broker can still hold: see
    /// `wire/protocol.md`, *What is remembered*. It touches no table that a screen shows, so it makes no revision.
    package func dropOldOrderState() throws {
        try connection.execute(
            """
            DELETE FROM unit_boot WHERE (unit_id, boot) IN (
                SELECT unit_id, boot FROM (
                    SELECT b.unit_id, b.boot, b.opened_at, row_number() OVER (
                        PARTITION BY b.unit_id
                        ORDER BY CASE WHEN b.boot = l.boot THEN 0 ELSE 1 END, b.opened_at DESC, b.boot) AS place
                    FROM unit_boot b LEFT JOIN unit_link l ON l.unit_id = b.unit_id) AS placed
                WHERE place > \(Self.largestBootCount)
                    OR place > \(Self.rememberedBoots) AND opened_at < \(now - Self.rememberedTime))
            """)
        try connection.execute(
            """
            DELETE FROM applied_answer WHERE (unit_id, message_id, response_type, timestamp) IN (
                SELECT unit_id, message_id, response_type, timestamp FROM (
                    SELECT unit_id, message_id, response_type, timestamp, row_number() OVER (
                        PARTITION BY unit_id
                        ORDER BY applied_at DESC, message_id, response_type, timestamp) AS place
                    FROM applied_answer) AS placed
                WHERE place > \(Self.rememberedAnswers))
            """)
    }
}
