// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

/// The writing half of a copy: on the target's thread, in one transaction.
struct TargetSide {
    let plan: Copier.Plan
    let channel: BoundedChannel<CopyPiece>
    let onProgress: @Sendable (Copier.Progress) -> Void

    func run(
        _ connection: any Connection, _ finish: (any Connection, CopyResult) throws -> Void
    ) throws -> CopyResult {
        try channel.begin(putting: false)
        try connection.takeItsTime()
        guard case .start(let start)? = try channel.take() else { throw Self.cut }
        let tables = CopiedTable.all(schema: start.schema)
        try prepare(connection, schema: start.schema)
        let pause = try TriggerPause(tables, connection)
        for table in tables.reversed() { try connection.script("DELETE FROM \(table.name.quoted)") }
        let digests = try fill(tables, of: start, connection)
        let lineage = plan.lineage ?? start.lineage
        try Meta.set("lineage", lineage.rawValue, connection)
        try pause.end(connection)
        try setGenerators(tables, connection)
        let result = CopyResult(
            schema: start.schema, sourceLineage: start.lineage, lineage: lineage, revision: start.revision,
            committedAt: start.committedAt, tables: digests, otherTables: start.otherTables)
        try finish(connection, result)
        return result
    }

    private static let cut = CopyError(.interrupted, "the source ended before all was read")

    /// Makes the schema if there is none; otherwise it has to be the source's, and empty, unless it is to be replaced.
    private func prepare(_ connection: any Connection, schema: Int64) throws {
        let found = try Migrator.installedVersion(connection)
        if found > 0 {
            try Migrator.refuseNewer(found, plan.migrations)
            try connection.lock(CopiedTable.all(schema: found))
            try requireReplaceable(connection, schema: found)
            // A target that may be replaced may be upgraded on the way: none of its rows stays.
            guard found == schema || found < schema && plan.replaces else {
                throw CopyError(
                    .unknownSchema,
                    "the target has schema \(found), the source \(schema): upgrade the older one first, by starting `consultease serve` on it"
                )
            }
        }
        for migration in plan.migrations where migration.version > found && migration.version <= schema {
            try connection.script(migration.script(connection.dialect))
        }
    }

    /// No other program writes by now.
    private func requireReplaceable(_ connection: any Connection, schema: Int64) throws {
        guard case .used(let table) = try Occupancy.of(connection, migrations: plan.migrations) else { return }
        guard plan.replaces else {
            throw CopyError(.notEmpty, "the target is not empty: there are rows in \(table)")
        }
        guard let backedUp = plan.backedUp else { return }
        guard try TableDigest.all(schema: schema, connection) == backedUp else {
            throw CopyError(
                .changed, "a program has written there since its backup was made: end it, and try again")
        }
    }

    private func fill(
        _ tables: [CopiedTable], of start: CopyStart, _ connection: any Connection
    ) throws -> [TableDigest] {
        var rows: Int64 = 0
        while let piece = try channel.take() {
            switch piece {
            case .start: continue
            case .end(let digests): return digests
            case .rows(let index, let chunk):
                try insert(chunk, into: tables[index], connection)
                rows += Int64(chunk.count)
                onProgress(Copier.Progress(table: tables[index].name, rows: rows, total: start.rows))
            }
        }
        throw Self.cut
    }

    private func insert(_ rows: [SQLRow], into table: CopiedTable, _ connection: any Connection) throws {
        let columns = table.columns.map(\.quoted).joined(separator: ", ")
        var text = SQLStatement.Interpolation(literalCapacity: 0, interpolationCount: rows.count)
        text.appendLiteral("INSERT INTO \(table.name.quoted) (\(columns)) VALUES ")
        text.appendInterpolation(rows: rows.map(\.values))
        do {
            try connection.execute(SQLStatement(stringInterpolation: text))
        } catch {
            guard error.code == .constraint else { throw error }
            throw CopyError(.unfit, "a row of \(table.name) can't be taken: \(error)")
        }
    }

    /// The next id that the engine makes comes after the largest copied one. SQLite looks at its rows itself.
    private func setGenerators(_ tables: [CopiedTable], _ connection: any Connection) throws {
        guard connection.dialect == .postgreSQL else { return }
        for table in tables where table.isGenerated {
            for key in table.key {
                try connection.script(
                    """
                    SELECT setval(pg_get_serial_sequence('\(table.name)', '\(key)'), max(\(key.quoted)))
                    FROM \(table.name.quoted) HAVING max(\(key.quoted)) IS NOT NULL
                    """)
            }
        }
        // Servers that follow this database look at once, instead of at their next look.
        try connection.script("SELECT pg_notify('consultease', n::text) FROM revision")
    }
}
