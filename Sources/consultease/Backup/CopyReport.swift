// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

/// One copied table in JSON; every command that copies prints the same fields.
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

/// Prints the copied tables as text. A count or checksum that differed would have failed the copy.
enum CopyTable {
    static func print(_ tables: [TableDigest]) {
        var table = TextTable("TABLE", "ROWS", "CHECKSUM")
        for digest in tables { table.add(digest.table, String(digest.rows), digest.checksum.description) }
        table.print()
    }

    /// Names the tables that were not copied, so that the operator can copy them by other means.
    static func note(otherTables: [String]) {
        guard !otherTables.isEmpty else { return }
        Note.print("Not copied, since not ConsultEase's: \(otherTables.joined(separator: ", "))")
    }
}
