// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL

/// Copies a database into another one, on the same engine or not, and proves it.
///
/// The source is read in one snapshot while others go on writing to it; what they commit afterwards is not in the copy.
/// The target gets everything in one transaction, or nothing. No trigger fires for a copied row: the copy has the
/// revision, the changes and the availability of its source.
package struct Copier: Sendable {
    private let source: any Engine
    private let target: any Engine
    private let writer: any Writer

    /// What waits between the two sides: a few thousand rows at most.
    private static let chunksBetween = 4

    /// - Parameter writer: the connection to write on; the target's own if nil.
    package init(from source: any Engine, to target: any Engine, via writer: (any Writer)? = nil) {
        self.source = source
        self.target = target
        self.writer = writer ?? target
    }

    /// How a copy is made.
    package struct Plan: Sendable {
        /// The copy's lineage; nil: the source's. Only a backup keeps it: a database that lives on gets one of its own,
        /// for both could go on from here with the same numbers.
        package var lineage: Lineage?
        /// Whether rows that the target has may be removed.
        package var replaces = false
        /// What a backup holds of the rows that are to be removed. Anything else ends the copy before one is removed:
        /// somebody has written since.
        package var backedUp: [TableDigest]?
        /// What the source must hold, if a manifest says it. Anything else ends the copy before it is committed.
        package var expected: [TableDigest]?
        /// Which schemas there are, and how they are made.
        package var migrations = Migrator.migrations

        package init() {}
    }

    /// How far it is.
    package struct Progress: Sendable, Hashable {
        package let table: String
        package let rows: Int64
        package let total: Int64
    }

    /// - Parameters:
    ///   - onProgress: called on the writing thread after each chunk.
    ///   - finish: the last of the target's transaction.
    /// - Throws: `CopyError`, or what an engine throws. The target is as it was, unless the code is `unknownOutcome`,
    ///   `unproved` or `differs`.
    package func run(
        _ plan: Plan = Plan(), onProgress: @escaping @Sendable (Progress) -> Void = { _ in },
        finish: @escaping @Sendable (any Connection, CopyResult) throws -> Void = { _, _ in }
    ) async throws -> CopyResult {
        let channel = BoundedChannel<CopyPiece>(capacity: Self.chunksBetween)
        let result: CopyResult
        do {
            result = try await withTaskCancellationHandler {
                try await copied(plan, channel, onProgress, finish)
            } onCancel: {
                channel.end(.failure(CancellationError()))
            }
        } catch let error as SQLError where error.code == .unknownOutcome {
            throw CopyError(
                .unknownOutcome,
                "the connection was lost while the copy was committed (\(error)): it is there whole\(Self.mark(plan)), or not at all"
            )
        }
        let written: [TableDigest]
        do {
            written = try await target.read { connection in
                try connection.takeItsTime()
                return try TableDigest.all(schema: result.schema, connection)
            }
        } catch {
            throw CopyError(
                .unproved,
                "the copy is committed\(Self.mark(plan)), but could not be read again to be compared (\(error))")
        }
        guard written == result.tables else {
            let tables = zip(result.tables, written).filter { $0 != $1 }.map(\.0.table).joined(separator: ", ")
            throw CopyError(
                .differs,
                "what was written differs from what was read in \(tables): don't use the copy; is the disk well?")
        }
        return result
    }

    /// What tells a copy from what was there before.
    private static func mark(_ plan: Plan) -> String {
        plan.lineage.map { ", with the lineage \($0)" } ?? ""
    }

    private func copied(
        _ plan: Plan, _ channel: BoundedChannel<CopyPiece>, _ onProgress: @escaping @Sendable (Progress) -> Void,
        _ finish: @escaping @Sendable (any Connection, CopyResult) throws -> Void
    ) async throws -> CopyResult {
        // Both children end the hand-over however they end, so neither outlives the other.
        try await withThrowingTaskGroup(of: CopyResult?.self) { group in
            group.addTask { [source] in
                do {
                    try await source.read { try SourceSide(plan: plan, channel: channel).run($0) }
                    channel.end(.success(()))
                } catch {
                    channel.end(.failure(error))
                    throw error
                }
                return nil
            }
            group.addTask { [writer] in
                do {
                    return try await writer.write { connection in
                        try TargetSide(plan: plan, channel: channel, onProgress: onProgress).run(connection, finish)
                    }
                } catch {
                    channel.end(.failure(error))
                    throw error
                }
            }
            return try await Self.outcome(of: &group)
        }
    }

    /// What both sides came to; each is waited for. The first error is the cause, the other side's only says that this
    /// one ended; but what a writer knows of its COMMIT outdoes both.
    private static func outcome(of sides: inout ThrowingTaskGroup<CopyResult?, any Error>) async throws -> CopyResult {
        var outcome: Result<CopyResult, any Error>?
        while let next = await sides.nextResult() {
            switch next {
            case .success(nil): continue
            case .success(let result?): outcome = .success(result)
            case .failure(let error as SQLError) where error.code == .unknownOutcome: outcome = .failure(error)
            case .failure(let error): outcome = outcome ?? .failure(error)
            }
        }
        switch outcome {
        case .success(let result)?: return result
        case .failure(let error as SQLError)? where error.code == .unknownOutcome: throw error
        case .failure(let error)?:
            // Whatever the engine made of it.
            try Task.checkCancellation()
            throw error
        case nil: throw CopyError(.interrupted, "the copy ended without a result")
        }
    }
}

/// What a copy came to.
package struct CopyResult: Sendable, Hashable {
    /// The schema of both.
    package let schema: Int64
    /// The source's lineage.
    package let sourceLineage: Lineage
    /// The copy's lineage.
    package let lineage: Lineage
    /// The revision of both: what the source committed later is not in the copy.
    package let revision: Revision
    /// When the source last committed before its snapshot.
    package let committedAt: Timestamp
    /// The tables as read, which is how they were found again in the target.
    package let tables: [TableDigest]
    /// Tables of the source that are not ConsultEase's: left where they are.
    package let otherTables: [String]

    package var rows: Int64 { tables.reduce(0) { $0 + $1.rows } }
}

/// What passes between the two sides.
enum CopyPiece: Sendable {
    case start(CopyStart)
    /// Rows of the table with this index in the schema's order.
    case rows(Int, [SQLRow])
    case end([TableDigest])
}

/// What the source says of itself before its rows.
struct CopyStart: Sendable {
    let schema: Int64
    let lineage: Lineage
    let revision: Revision
    let committedAt: Timestamp
    let rows: Int64
    let otherTables: [String]
}
