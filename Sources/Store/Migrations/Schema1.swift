// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// The first schema: who there is, what was sensed, what is shown, and what changed.
enum Schema1 {
    static func script(_ dialect: SQLDialect) -> String {
        [tables(dialect), triggers(dialect)].joined(separator: "\n")
    }

    /// Tables and indexes, without anything that reacts to a row.
    static func tables(_ dialect: SQLDialect) -> String {
        SchemaText.tables(tableScript, for: dialect)
    }

    /// What gives revisions, notes changes, and marks people due.
    static func triggers(_ dialect: SQLDialect) -> String {
        let shared = (cardTriggers + dueTriggers).map { $0.script(dialect) }
        return (shared + (dialect == .postgreSQL ? [writerOrder] : [])).joined(separator: "\n")
    }
}
