// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

/// Public cards as rows, and what changed since a revision.
package struct CardRepository {
    private let connection: any Connection

    package init(_ transaction: Transaction) {
        connection = transaction.connection
    }

    /// One card as stored.
    package struct Stored: Hashable, Sendable {
        package let id: FacultyID
        package let profile: FacultyProfile.Public
        package let version: Int64
        package let availability: Availability
        package let alwaysAvailable: Bool
        package let waiting: Int64
        package let revision: Revision
    }

    /// What changed after a revision, and the revision up to which this is all of it: read in one snapshot.
    package struct Changes: Hashable, Sendable {
        /// Whose numbers the revisions are: a restore beside a running server changes it.
        package let lineage: Lineage
        package let revision: Revision
        package let cards: [Stored]
        /// Who left the board, and at which revision.
        package let removed: [FacultyID: Revision]
        /// Whether a person's row waits to be computed: then this snapshot shows an input without its effect.
        package let isIncomplete: Bool
        /// Whether the lineage was given for another past, so that the revisions are not its numbers.
        package let isForeign: Bool

        /// Whether these are no changes after `seen`: the database isn't the one that it was, and has no other lineage
        /// yet.
        package func areOfAnotherPast(than seen: RevisionTag) -> Bool {
            isForeign || (lineage == seen.lineage && revision < seen.revision)
        }
    }

    package func currentRevision() throws -> Revision {
        try RevisionRow.current(connection)
    }

    /// The revision with the lineage that it counts in, as the API's `?at-least=` takes it.
    package func currentTag() throws -> RevisionTag {
        RevisionTag(lineage: try Meta.lineage(connection), revision: try currentRevision())
    }

    /// Everything that a screen must be told after `revision`; `.none` gives all cards. Costs what changed, not what
    /// there is. Throws if the database has been given another schema meanwhile.
    package func changes(since revision: Revision) throws -> Changes {
        try Migrator.requireCurrent(Meta.schema(try Meta.value("schema", connection)))
        var cards: [Stored] = []
        var removed: [FacultyID: Revision] = [:]
        try connection.query(
            """
            SELECT c.id, c.revision, \(columns: FacultyProfile.Public.self, of: "f"), f.version,
                \(columns: Availability.self, of: "a"), a.always_available,
                (SELECT count(*) FROM consultation w
                    WHERE w.faculty_id = c.id AND w.status \(oneOf: ConsultationStatus.waiting))
            FROM change c LEFT JOIN faculty f ON f.id = c.id AND f.archived_at IS NULL
            LEFT JOIN availability a ON a.faculty_id = f.id
            WHERE c.kind = 'card' AND c.revision > \(revision)
            """,
            each: { row throws(SQLError) in
                let id: FacultyID = try row.next()
                let revision: Revision = try row.next()
                guard let profile = try row.nextIfJoined(FacultyProfile.Public.self) else {
                    removed[id] = revision
                    return
                }
                cards.append(
                    Stored(
                        id: id, profile: profile, version: try row.next(), availability: try row.next(),
                        alwaysAvailable: try row.next(), waiting: try row.next(), revision: revision))
            })
        let due =
            try connection.first(
                """
                SELECT 1 FROM availability a JOIN faculty f ON f.id = a.faculty_id WHERE a.next_change_at = 0 LIMIT 1
                """) != nil
        let past = try TimelineIdentity(connection)
        return Changes(
            lineage: past.lineage, revision: past.revision, cards: cards, removed: removed, isIncomplete: due,
            isForeign: past.isForeign)
    }
}
