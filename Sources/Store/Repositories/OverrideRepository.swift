// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

/// People's own words on their availability: a row of its own, so that no beacon can spoil it.
package struct OverrideRepository {
    private let connection: any Connection
    private let now: Timestamp

    package init(_ transaction: Transaction) {
        connection = transaction.connection
        now = transaction.now
    }

    package func find(_ faculty: FacultyID) throws -> (override: Override, version: Int64)? {
        try connection.first(
            "SELECT word, set_at, until, version FROM override WHERE faculty_id = \(faculty)"
        ).map { row in
            (Override(word: try row.get(0), setAt: try row.get(1), until: try row.get(2)), try row.get(3))
        }
    }

    /// Sets the word from now on. Returns the row's new version.
    @discardableResult
    package func set(_ word: OverrideWord, until: Timestamp?, for faculty: FacultyID) throws -> Int64 {
        try connection.execute(
            """
            INSERT INTO override (faculty_id, word, set_at, until) VALUES (\(faculty), \(word), \(now), \(until))
            ON CONFLICT (faculty_id) DO UPDATE SET word = excluded.word, set_at = excluded.set_at,
                until = excluded.until, version = override.version + 1
            """)
        return try find(faculty)?.version ?? 1
    }

    /// Takes the word back. False where there was none.
    package func clear(_ faculty: FacultyID) throws -> Bool {
        try connection.execute("DELETE FROM override WHERE faculty_id = \(faculty)") == 1
    }
}
