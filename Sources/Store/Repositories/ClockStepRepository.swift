// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// What a forward step of the clock does to moments that order a unit's messages and tell that it lives.
///
/// Units are heard by a clock that was behind: what it called 10:00 was 11:00. So the moments of what was heard in this
/// term move with the clock, or every unit would count as silent for as long as the step, old messages would pass for
/// those of a new start, and a heartbeat would take back a word that stands. The moments at which people came or left
/// stay as reported.
struct ClockStepRepository {
    let connection: any Connection
    let clock: ClockReading

    init(_ transaction: Transaction) {
        connection = transaction.connection
        clock = transaction.clock
    }

    /// What an outsider has stored of a time that has not come isn't moved, column by column: the sum might not fit,
    /// and then no transaction could commit.
    ///
    /// Once a step, whichever transaction of the term is the first: how far it has come is kept in the database, with
    /// it.
    func follow(in term: Term?) throws {
        guard let term, clock.stepped > term.since.stepped else { return }
        let total = clock.stepped - term.since.stepped
        let step = try total - followed(in: term)
        guard step > .zero else { return }
        let now = clock.moment
        try connection.execute(
            """
            UPDATE presence SET evidence_at = evidence_at + \(step.milliseconds)
            WHERE evidence_at <= \(now) AND unit_id IN (
                SELECT unit_id FROM unit_link WHERE heard_at BETWEEN \(term.since.moment) AND \(now))
            """)
        try connection.execute(
            """
            UPDATE unit_link SET heard_at = heard_at + \(step.milliseconds),
                uptime_at = CASE WHEN uptime_at <= \(now) THEN uptime_at + \(step.milliseconds) ELSE uptime_at END,
                started_at = CASE WHEN started_at <= \(now) THEN started_at + \(step.milliseconds) ELSE started_at END,
                heartbeat_at = CASE WHEN heartbeat_at <= \(now) THEN heartbeat_at + \(step.milliseconds) ELSE heartbeat_at END
            WHERE heard_at BETWEEN \(term.since.moment) AND \(now)
            """)
        try Meta.set(Self.key, "\(term.name) \(total.milliseconds)", connection)
    }

    private func followed(in term: Term) throws -> Span {
        let words = try Meta.value(Self.key, connection)?.split(separator: " ") ?? []
        guard words.count == 2, words[0] == term.name else { return .zero }
        return Span(milliseconds: max(0, Int64(words[1]) ?? 0))
    }

    private static let key = "clock_steps"
}
