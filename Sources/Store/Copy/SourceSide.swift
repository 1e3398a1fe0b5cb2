// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// The reading half of a copy: on the source's thread, in one snapshot.
struct SourceSide {
    let plan: Copier.Plan
    let channel: BoundedChannel<CopyPiece>

    func run(_ connection: any Connection) throws {
        try channel.begin(putting: true)
        try connection.takeItsTime()
        let start = try start(connection)
        try Orphans.refuse(connection)
        try channel.put(.start(start))
        var digests: [TableDigest] = []
        for (index, table) in CopiedTable.all(schema: start.schema).enumerated() {
            var builder = TableDigest.Builder(table.name)
            try TableReader(table).chunks(connection) { rows in
                builder.add(rows)
                try channel.put(.rows(index, rows))
            }
            digests.append(builder.digest)
        }
        if let expected = plan.expected, expected != digests {
            let tables = digests.filter { !expected.contains($0) }.map(\.table).joined(separator: ", ")
            throw CopyError(.damaged, "not what was written once: the rows of \(tables) differ from their checksums")
        }
        try channel.put(.end(digests))
    }

    private func start(_ connection: any Connection) throws -> CopyStart {
        let schema = try Migrator.installedVersion(connection)
        guard schema > 0 else { throw CopyError(.unknownSchema, "the source is no ConsultEase database") }
        try Migrator.refuseNewer(schema, plan.migrations)
        let tables = CopiedTable.all(schema: schema)
        let known = Set(tables.map(\.name)).union(BackupManifest.tables)
        return CopyStart(
            schema: schema, lineage: try Meta.lineage(connection), revision: try RevisionRow.current(connection),
            committedAt: try RevisionRow.clocks(connection).lastCommit,
            rows: try tables.reduce(0) { try $0 + TableReader($1).count(connection) },
            otherTables: try Occupancy.tables(connection).filter { !known.contains($0) })
    }
}
