// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

/// What was copied, for scripts: the same in every command that copies.
struct TableOutput: Encodable {
    let name: String
    let rows: Int64
    let checksum: String

    init(_ digest: TableDigest) {
        name = digest.table
        rows = digest.rows
        checksum = digest.checksum.description
    }
}

/// What was copied, for people: counts and checksums, equal on both sides, or the copy would have failed.
enum CopyTable {
    static func print(_ tables: [TableDigest]) {
        var table = TextTable("TABLE", "ROWS", "CHECKSUM")
        for digest in tables { table.add(digest.table, String(digest.rows), digest.checksum.description) }
        table.print()
    }

    /// What is left where it is must not be left in silence.
    static func note(otherTables: [String]) {
        guard !otherTables.isEmpty else { return }
        Note.print("Not copied, since not ConsultEase's: \(otherTables.joined(separator: ", "))")
    }
}
