// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

/// Messages that could not be applied: counted by unit and reason, with a few samples each.
package struct RefusalRepository {
    let connection: any Connection
    let now: Timestamp

    package static let samplesKept: Int64 = 5
    package static let samplesKeptFor = Span.minutes(7 * 24 * 60)

    package init(_ transaction: Transaction) {
        connection = transaction.connection
        now = transaction.now
    }

    /// What a flood is counted by. `unit` is empty if the message names none that we know.
    package struct Cause: Hashable, Sendable {
        package let unit: String
        package let reason: String

        /// The reason under which messages are counted that the broker acknowledged and dropped.
        package static let droppedByBroker = "dropped-by-broker"

        package init(unit: String, reason: String) {
            self.unit = unit
            self.reason = reason
        }
    }

    /// One refused message, bounded and masked.
    package struct Sample: Hashable, Sendable {
        package let at: Timestamp
        package let topic: String
        package let payload: String

        package init(at: Timestamp, topic: String, payload: String) {
            self.at = at
            self.topic = topic
            self.payload = payload
        }
    }

    package struct Count: Hashable, Sendable {
        package let cause: Cause
        package let count: Int64
        package let firstAt: Timestamp
        package let lastAt: Timestamp
    }

    /// Adds a batch's refusals: `counts` all of them, `samples` the newest few of each cause. A count stops at its end.
    package func record(_ refusals: [Cause: (count: Int64, samples: [Sample])]) throws {
        var counts = SQLRows(for: Self.addCount, reserving: refusals.count)
        for (cause, found) in refusals {
            counts.append([
                cause.unit.sqlValue, cause.reason.sqlValue, found.count.sqlValue, now.sqlValue, now.sqlValue,
            ])
        }
        try connection.execute(Self.addCount, counts)
        for (cause, found) in refusals { try keep(found.samples, of: cause) }
    }

    private static let addCount = SQLBulkStatement(
        "INSERT INTO refusal (unit, reason, count, first_at, last_at)",
        rows: [.text, .text, .integer, .integer, .integer],
        """
        ON CONFLICT (unit, reason) DO UPDATE
            SET count = CASE WHEN refusal.count > 9223372036854775807 - excluded.count THEN 9223372036854775807
                    ELSE refusal.count + excluded.count END,
                last_at = excluded.last_at
        """)

    private func keep(_ samples: [Sample], of cause: Cause) throws {
        guard !samples.isEmpty else { return }
        var rows = SQLRows(for: Self.addSample)
        for sample in samples.suffix(Int(Self.samplesKept)) {
            rows.append([
                cause.unit.sqlValue, cause.reason.sqlValue, sample.at.sqlValue, sample.topic.sqlValue,
                sample.payload.sqlValue,
            ])
        }
        try connection.execute(Self.addSample, rows)
        try connection.execute(
            """
            DELETE FROM refusal_sample WHERE unit = \(cause.unit) AND reason = \(cause.reason) AND id NOT IN (
                SELECT id FROM refusal_sample WHERE unit = \(cause.unit) AND reason = \(cause.reason)
                ORDER BY id DESC LIMIT \(Self.samplesKept))
            """)
    }

    private static let addSample = SQLBulkStatement(
        "INSERT INTO refusal_sample (unit, reason, at, topic, payload)", rows: [.text, .text, .integer, .text, .text])

    package func counts() throws -> [Count] {
        try connection.query(
            "SELECT unit, reason, count, first_at, last_at FROM refusal ORDER BY last_at DESC, unit, reason"
        ) { row throws(SQLError) in
            Count(
                cause: Cause(unit: try row.next(), reason: try row.next()), count: try row.next(),
                firstAt: try row.next(), lastAt: try row.next())
        }
    }

    package func samples(of cause: Cause) throws -> [Sample] {
        try connection.query(
            """
            SELECT at, topic, payload FROM refusal_sample
            WHERE unit = \(cause.unit) AND reason = \(cause.reason) ORDER BY id
            """
        ) { row throws(SQLError) in Sample(at: try row.next(), topic: try row.next(), payload: try row.next()) }
    }
}
