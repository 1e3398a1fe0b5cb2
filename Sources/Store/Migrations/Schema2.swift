// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// The second schema: since when boots and answers are remembered, so that the oldest can be forgotten.
enum Schema2 {
    static func script(_ dialect: SQLDialect) -> String {
        SchemaText.tables(
            """
            ALTER TABLE unit_boot ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE applied_answer ADD COLUMN applied_at INTEGER NOT NULL DEFAULT 0;
            """, for: dialect)
    }
}
