// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import HashTreeCollections
package import Logging
import Store

/// The former system's vocabulary for callers in this process: plain values in, plain values out.
package struct FacultyService: Sendable {
    private let statuses: StatusCommands
    private let board: Board
    private let logger: Logger
    private let readLimit: Duration

    /// - Parameter readLimit: how long a read waits for the board to have the revision that it asks for.
    package init(_ commands: Commands, board: Board, readLimit: Duration = .seconds(2), logger: Logger) {
        statuses = commands.statuses
        self.board = board
        self.readLimit = readLimit
        self.logger = logger
    }

    /// Returns all faculty members who aren't archived, from a snapshot that has at least `revision`.
    ///
    /// Throws `FacultyError.notYetReadable` if the board doesn't have it in time; it never returns something older.
    package func allFaculty(atLeast revision: Revision = .none) async throws -> [FacultyData] {
        let snapshot = try await snapshot(atLeast: revision)
        logger.debug(
            "Retrieved faculty members for dashboard (safe mode)",
            metadata: ["count": "\(snapshot.cards.count)", "revision": "\(snapshot.tag)"])
        return snapshot.cards(of: nil).map(\.facultyData)
    }

    /// Returns one faculty member; throws `FacultyError.unknown` if no card has the id.
    package func faculty(_ id: FacultyID, atLeast revision: Revision = .none) async throws -> FacultyData {
        guard let card = try await snapshot(atLeast: revision).cards[id] else { throw FacultyError.unknown(id) }
        return card.facultyData
    }

    /// Reports a presence as the person's desk unit would, and returns what is shown once that is committed.
    @discardableResult
    package func updateStatus(_ id: FacultyID, isPresent: Bool) async throws -> FacultyData {
        let revision = try await statuses.updateStatus(id, isPresent: isPresent)
        return try await faculty(id, atLeast: revision)
    }

    private func snapshot(atLeast revision: Revision) async throws -> BoardSnapshot {
        guard let snapshot = await board.snapshot(atLeast: revision, within: readLimit) else {
            throw FacultyError.notYetReadable(revision)
        }
        return snapshot
    }
}

/// Why a question about a faculty member has no answer, or a status wasn't changed.
package enum FacultyError: Error, Hashable, Sendable {
    /// No faculty member has the id, or the person is archived.
    case unknown(FacultyID)
    case notYetReadable(Revision)
    case refused(RefusalReason)
}
