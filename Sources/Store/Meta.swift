// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL

/// The table `meta`: what a database says of itself.
package enum Meta {
    package static func lineage(_ connection: any Connection) throws -> Lineage {
        guard let text = try value("lineage", connection), let lineage = Lineage(text) else {
            throw SQLError(code: .cannotOpen, message: "meta.lineage is missing or malformed")
        }
        return lineage
    }

    /// The schema as its row says it; 0 if there is none.
    static func schema(_ text: String?) -> Int64 { text.flatMap { Int64($0) } ?? 0 }

    /// Whether the database was made by `demo`, so that `serve` refuses it.
    package static func isDemo(_ connection: any Connection) throws -> Bool {
        try value("demo", connection) != nil
    }

    package static func markDemo(_ connection: any Connection) throws {
        try set("demo", "true", connection)
    }

    package static func value(_ key: String, _ connection: any Connection) throws -> String? {
        try connection.first("SELECT value FROM meta WHERE key = \(key)")?.get(0)
    }

    package static func set(_ key: String, _ value: String, _ connection: any Connection) throws {
        try connection.execute(
            """
            INSERT INTO meta (key, value) VALUES (\(key), \(value))
            ON CONFLICT (key) DO UPDATE SET value = excluded.value
            """)
    }
}
