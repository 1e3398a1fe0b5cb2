// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import SQL
import Service
import Store
import Synchronization
import TestSupport
import Wire

/// The data side of one server: a store, a board that follows it, and ingest while it leads.
struct Instance: Sendable {
    let name: String
    let store: Store
    let board: Board
    let commands: Commands
    let faults: FaultyEngine

    init(_ name: String, store: Store, faults: FaultyEngine) async throws {
        self.name = name
        self.store = store
        self.faults = faults
        board = try await Board(store: store, logger: quietLogger)
        commands = Commands(store: store, logger: quietLogger)
    }

    func tag(_ revision: Revision) -> RevisionTag { RevisionTag(lineage: store.lineage, revision: revision) }

    func run() async {
        async let time: Void = Timekeeper(store: store, logger: quietLogger).run()
        await BoardKeeper(store: store, board: board, logger: quietLogger).run()
        await time
    }

    /// Ingests whenever this instance leads, until cancelled.
    func lead(_ seat: IngestSeat) async throws {
        while !Task.isCancelled {
            let term: any LeaderTerm
            do {
                term = try await store.engine.lead()
            } catch is CancellationError {
                return
            }
            let ingest = Ingest(store: store, writer: term, logger: quietLogger)
            seat.take(ingest, term)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await ingest.run() }
                group.addTask { await term.ended() }
                await group.next()
                group.cancelAll()
            }
            seat.leave(ingest)
            await term.resign()
        }
    }
}

/// Holds the instance that ingests now, like the broker's session. Units send to it, and notice a change.
final class IngestSeat: Sendable {
    private let state = Mutex<(ingest: Ingest, term: any LeaderTerm)?>(nil)
    private let changes = Atomic(0)

    var current: Ingest? { state.withLock { $0?.ingest } }
    var term: (any LeaderTerm)? { state.withLock { $0?.term } }
    /// Rises with every new leader.
    var terms: Int { changes.load(ordering: .acquiring) }

    func take(_ ingest: Ingest, _ term: any LeaderTerm) {
        state.withLock { $0 = (ingest, term) }
        changes.add(1, ordering: .acquiringAndReleasing)
    }

    func leave(_ ingest: Ingest) {
        state.withLock { if $0?.ingest === ingest { $0 = nil } }
    }
}
