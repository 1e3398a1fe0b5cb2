// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

/// People's own words on their availability: a row of its own, so that no beacon can spoil it.
///
/// A word that is taken back ends at once, as one that ended by itself: the row stays and keeps counting, so that no
/// version ever stands for two different words.
package struct OverrideRepository {
    private let connection: any Connection
    private let now: Timestamp

    package init(_ transaction: Transaction) {
        connection = transaction.connection
        now = transaction.now
    }

    /// The word in force.
    package func find(_ faculty: FacultyID) throws -> Versioned<Override>? {
        try row(of: faculty).flatMap { $0.value.isInForce(at: now) ? $0 : nil }
    }

    /// Sets the word from now on. Returns the row's new version.
    ///
    /// `.absent` allows for a word that has ended. Throws `VersionConflict<Override>`.
    @discardableResult
    package func set(
        _ word: OverrideWord, until: Timestamp?, for faculty: FacultyID, expecting: ExpectedVersion = .any
    ) throws -> Int64 {
        let changed =
            switch expecting {
            case .any:
                try connection.execute(
                    """
                    INSERT INTO override (faculty_id, word, set_at, until) VALUES (\(faculty), \(word), \(now), \(until))
                    ON CONFLICT (faculty_id) DO UPDATE SET word = excluded.word, set_at = excluded.set_at,
                        until = excluded.until, version = override.version + 1
                    """)
            case .absent:
                try connection.execute(
                    """
                    INSERT INTO override (faculty_id, word, set_at, until) VALUES (\(faculty), \(word), \(now), \(until))
                    ON CONFLICT (faculty_id) DO UPDATE SET word = excluded.word, set_at = excluded.set_at,
                        until = excluded.until, version = override.version + 1
                    WHERE override.until <= \(now)
                    """)
            case .exactly(let version):
                try connection.execute(
                    """
                    UPDATE override SET word = \(word), set_at = \(now), until = \(until), version = version + 1
                    WHERE faculty_id = \(faculty) AND version = \(version)
                    """)
            }
        guard changed == 1, let version = try row(of: faculty)?.version else {
            let wanted = Override(word: word, setAt: now, until: until)
            throw VersionConflict(expected: expecting, wanted: wanted, standing: try find(faculty))
        }
        return version
    }

    /// Takes the word back. False if none is in force, whatever was expected: what the editor wants is so already.
    /// Throws `VersionConflict<Override>`.
    @discardableResult
    package func clear(_ faculty: FacultyID, expecting: ExpectedVersion = .any) throws -> Bool {
        guard let standing = try find(faculty) else { return false }
        let isExpected = expecting.allows(standing.version)
        let changed =
            isExpected
            ? try connection.execute(
                """
                UPDATE override SET until = set_at, version = version + 1
                WHERE faculty_id = \(faculty) AND version = \(standing.version)
                """) : 0
        guard changed == 1 else {
            throw VersionConflict<Override>(expected: expecting, wanted: nil, standing: standing)
        }
        return true
    }

    private func row(of faculty: FacultyID) throws -> Versioned<Override>? {
        try connection.first(
            "SELECT \(columns: Override.self, of: "o"), o.version FROM override o WHERE o.faculty_id = \(faculty)"
        ) { row throws(SQLError) in Versioned(value: try row.next(), version: try row.next()) }
    }
}
