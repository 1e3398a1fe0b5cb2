// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import ServiceLifecycle

/// Reads of the board that never show less than was asked for.
struct BoardReader: Sendable {
    let board: Board
    let wait: Duration

    init(_ dependencies: WebDependencies) {
        board = dependencies.board
        wait = dependencies.limits.readWait
    }

    /// The present snapshot, or with `?at-least=lineage-n` one that has at least that revision: after a bounded wait
    /// 503, for another lineage 409, never something older.
    func snapshot(for query: Query) async throws -> BoardSnapshot {
        let field = "at-least"
        let asked = try query.revision(field)
        if let asked { try await know(asked, as: field) }
        if let asked, asked.lineage != board.snapshot.lineage {
            throw Problem.otherLineage(field, present: board.snapshot.tag)
        }
        // A shutdown doesn't wait for what may never come.
        let found = await cancelWhenGracefulShutdown { [board, wait] in
            await board.snapshot(atLeast: asked?.revision ?? .none, within: wait)
        }
        guard let found else { throw Problem.notYet(field, present: board.snapshot.tag) }
        // The database may have been restored meanwhile.
        if let asked, asked.lineage != found.lineage { throw Problem.otherLineage(field, present: found.tag) }
        return found
    }

    /// Has the database asked where a revision is of a lineage that the board doesn't know: another instance may have
    /// seen a newer one before this. Throws 503 if it doesn't answer in time.
    func know(_ tag: RevisionTag, as field: String) async throws {
        guard tag.lineage != board.snapshot.lineage else { return }
        let hasLooked = await cancelWhenGracefulShutdown { [board, wait] in await board.hasLooked(within: wait) }
        guard hasLooked else { throw Problem.notYet(field, present: board.snapshot.tag) }
    }
}
