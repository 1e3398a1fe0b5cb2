// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// Which past a database belongs to: what it says of itself, and what its server says.
struct TimelineIdentity: Hashable, Sendable {
    let lineage: Lineage
    let revision: Revision
    /// The timeline that the lineage was given for; nil before the database was ever led.
    let noted: String?
    /// The timeline that the server says; nil if it only follows another one's.
    let found: String?

    init(lineage: Lineage, revision: Revision, noted: String?, found: String?) {
        self.lineage = lineage
        self.revision = revision
        self.noted = noted
        self.found = found
    }

    init(_ connection: any Connection) throws {
        self.init(
            lineage: try Meta.lineage(connection), revision: try RevisionRow.current(connection),
            noted: try Meta.value(Self.key, connection), found: try connection.timeline())
    }

    static let key = "timeline"

    /// Whether the lineage was given for another past: since then a standby was promoted, or a copy has taken the
    /// database's place. A former version noted only the beginning of what the server says now, which says the same.
    var isForeign: Bool {
        guard let noted, let found else { return false }
        return found != noted && !found.hasPrefix("\(noted)-")
    }

    /// Whether the database has gone back behind what was read of it: an older state was put into it.
    func isBehind(_ seen: RevisionTag) -> Bool {
        lineage == seen.lineage && revision < seen.revision
    }
}
