// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import HashTreeCollections
package import Logging
package import Store
package import Wire

/// What may be asked and said of faculty members by callers in this process: plain values in, plain values out.
package struct FacultyService: Sendable {
    private let store: Store
    private let board: Board
    private let ingest: Ingest
    private let logger: Logger

    /// How long a read waits for the revision that it asks for.
    package static let readLimit = Duration.seconds(2)

    package init(store: Store, board: Board, ingest: Ingest, logger: Logger) {
        self.store = store
        self.board = board
        self.ingest = ingest
        self.logger = logger
    }

    /// Everybody who isn't archived, from a snapshot that has at least `revision`.
    ///
    /// Throws `FacultyError.notYetReadable` where that isn't there within 2 s: never something older.
    package func allFaculty(atLeast revision: Revision = .none) async throws -> [FacultyData] {
        let snapshot = try await snapshot(atLeast: revision)
        logger.debug(
            "Retrieved faculty members for dashboard (safe mode)",
            metadata: ["count": "\(snapshot.cards.count)", "revision": "\(snapshot.tag)"])
        return snapshot.cards(of: nil).map(\.facultyData)
    }

    /// One faculty member; throws `FacultyError.unknown` where nobody has the id.
    package func faculty(_ id: FacultyID, atLeast revision: Revision = .none) async throws -> FacultyData {
        guard let card = try await snapshot(atLeast: revision).cards[id] else { throw FacultyError.unknown(id) }
        return card.facultyData
    }

    /// What the person's desk unit would say: the same path, the same order, the same judge. Returns what is shown once it is
    /// committed.
    @discardableResult
    package func updateStatus(_ id: FacultyID, isPresent: Bool) async throws -> FacultyData {
        let delivery = Delivery(
            topic: "consultease/faculty/\(id)/status", payload: Array(#"{"present":\#(isPresent)}"#.utf8),
            isRetained: false, arrivedAt: store.now)
        let (settlements, settle) = AsyncStream.makeStream(of: Settlement.self, bufferingPolicy: .bufferingNewest(1))
        await ingest.submit(Arrival(delivery) { settle.yield($0) })
        var iterator = settlements.makeAsyncIterator()
        guard case .committed(let verdict, let revision) = await iterator.next() else { throw CancellationError() }
        if case .refused(let refusal) = verdict { throw FacultyError.refused(refusal.reason) }
        return try await faculty(id, atLeast: revision)
    }

    /// Sets the person's own word; the revision at which it can be read is returned.
    package func setOverride(_ word: OverrideWord, until: Timestamp?, for id: FacultyID) async throws -> Revision {
        try await store.write { transaction in
            guard try FacultyRepository(transaction).find(id) != nil else { throw FacultyError.unknown(id) }
            try OverrideRepository(transaction).set(word, until: until, for: id)
        }.revision
    }

    private func snapshot(atLeast revision: Revision) async throws -> BoardSnapshot {
        guard let snapshot = await board.snapshot(atLeast: revision, within: Self.readLimit) else {
            throw FacultyError.notYetReadable(revision)
        }
        return snapshot
    }
}

/// Why a question about a faculty member has no answer.
package enum FacultyError: Error, Hashable, Sendable {
    case unknown(FacultyID)
    case notYetReadable(Revision)
    case refused(RefusalReason)
}
