// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import HashTreeCollections
package import Logging
import Rules
package import Store
import Wire

/// What may be asked and said of faculty members by callers in this process: plain values in, plain values out.
package struct FacultyService: Sendable {
    private let store: Store
    private let board: Board
    private let ingest: Ingest
    private let edit: RetryingEdit
    private let logger: Logger

    private let readLimit: Duration

    /// - Parameters:
    ///   - edit: how this door's own edits meet others'; nil takes real time and chance.
    ///   - readLimit: how long a read waits for the revision that it asks for.
    package init(
        store: Store, board: Board, ingest: Ingest, edit: RetryingEdit? = nil, readLimit: Duration = .seconds(2),
        logger: Logger
    ) {
        self.store = store
        self.board = board
        self.ingest = ingest
        self.edit = edit ?? RetryingEdit(store: store)
        self.readLimit = readLimit
        self.logger = logger
    }

    /// Everybody who isn't archived, from a snapshot that has at least `revision`.
    ///
    /// Throws `FacultyError.notYetReadable` where that isn't there in time: never something older.
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
        let clock = store.clock
        let delivery = Delivery(
            topic: "consultease/faculty/\(id)/status", payload: Array(#"{"present":\#(isPresent)}"#.utf8),
            isRetained: false, arrivedAt: clock.moment)
        let (settlements, settle) = AsyncStream.makeStream(of: Settlement.self, bufferingPolicy: .bufferingNewest(1))
        await ingest.submit(Arrival(delivery, at: clock) { settle.yield($0) })
        var iterator = settlements.makeAsyncIterator()
        guard case .committed(let verdict, let revision) = await iterator.next() else { throw CancellationError() }
        if case .refused(let refusal) = verdict { throw FacultyError.refused(refusal.reason) }
        return try await faculty(id, atLeast: revision)
    }

    /// Sets the person's own word; the revision at which it can be read is returned. Whoever edits at the same moment, the last
    /// word stands.
    package func setOverride(_ word: OverrideWord, until: Timestamp?, for id: FacultyID) async throws -> Revision {
        try await changeOverride(of: id) { _ in .set(word, until.map { .at($0) } ?? .open) }
    }

    /// Decides from the word in force what becomes of it (nil leaves it), for a machine: a desk unit's button, the calendar.
    /// What others do meanwhile is decided upon anew, at most five times in all; then `VersionConflict<Override>` is thrown.
    ///
    /// Returns the revision at which the outcome can be read. Throws `FacultyError.unknown` where nobody has the id or the
    /// person is archived, and `RegisterError.endHasPassed`.
    package func changeOverride(
        of id: FacultyID, _ decide: @Sendable (Override?) async throws -> OverrideEdit?
    ) async throws -> Revision {
        do {
            let result = try await edit(
                seeing: { transaction in
                    guard let person = try FacultyRepository(transaction).find(id), person.archivedAt == nil else {
                        throw FacultyError.unknown(id)
                    }
                    return SeenOverride(
                        standing: try OverrideRepository(transaction).find(id),
                        revision: try CardRepository(transaction).currentRevision())
                },
                deciding: { seen in
                    let edit = try await decide(seen.standing?.value)
                    // There is nothing to take back: what is wanted is so already.
                    return seen.standing == nil && edit == .clear ? nil : edit.map { ($0, seen.version) }
                },
                writing: { choice, transaction in
                    do {
                        _ = try choice.0.apply(to: id, expecting: choice.1, in: transaction)
                    } catch RegisterError.noOverride {
                        // It ended by itself, or another has taken it back.
                    }
                })
            switch result {
            case .wrote(let committed): return committed.revision
            case .left(let seen): return seen.revision
            }
        } catch RegisterError.unknownFaculty, RegisterError.archivedFaculty {
            throw FacultyError.unknown(id)
        }
    }

    /// The word in force, and the revision of the snapshot that it was read in.
    private struct SeenOverride: Sendable {
        let standing: Versioned<Override>?
        let revision: Revision

        var version: ExpectedVersion { standing.map { .exactly($0.version) } ?? .absent }
    }

    private func snapshot(atLeast revision: Revision) async throws -> BoardSnapshot {
        guard let snapshot = await board.snapshot(atLeast: revision, within: readLimit) else {
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
