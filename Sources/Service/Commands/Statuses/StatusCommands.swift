// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Logging
import Rules
import Store
import Wire

/// Commands that say where a faculty member is: a reported presence, and overrides that a machine sets.
package struct StatusCommands: Sendable {
    private let store: Store
    private let trail: DeliveryTracker
    private let edit: RetryingEdit
    private let logger: Logger

    init(store: Store, trail: DeliveryTracker, edit: RetryingEdit, logger: Logger) {
        self.store = store
        self.trail = trail
        self.edit = edit
        self.logger = logger
    }

    /// Reports a presence as the person's desk unit of dialect 1 would by its topic `status`: the same judge decides,
    /// and a refusal is counted and kept with a sample in the same way.
    ///
    /// The judge runs in a transaction of this call, not in the leader's queue, so every instance can report. Messages
    /// that wait in the queue meanwhile are judged after it. Returns the revision at which the outcome can be read;
    /// throws `FacultyError.refused` once the refusal is committed.
    @discardableResult
    package func updateStatus(_ id: FacultyID, isPresent: Bool) async throws -> Revision {
        let asked = store.now
        let committed = try await store.write { transaction in
            let report = Message(reporting: isPresent, of: id, at: transaction.now)
            let repository = WorldRepository(transaction)
            let before = try repository.load(report.keys)
            var world = before
            let verdict = Judge.judge(report, in: &world)
            try repository.save(world, since: before)
            if case .refused(let refusal) = verdict {
                try Self.record(refusal, of: id, isPresent: isPresent, known: world, in: transaction)
            }
            return verdict
        }
        note(committed, asked: asked)
        if case .refused(let refusal) = committed.value { throw FacultyError.refused(refusal.reason) }
        return committed.revision
    }

    /// Counts the verdict, and follows a new revision to the screens.
    private func note(_ committed: Store.Committed<Verdict>, asked: Timestamp) {
        if committed.isNew { trail.committed(committed.revision, arrivedAt: asked, context: nil) }
        IngestMetrics.count(committed.value, waited: store.now - asked)
        logger.debug(
            "Atomically updated status for faculty",
            metadata: ["messages": "1", "revision": "\(committed.revision)"])
    }

    /// Counts a refusal. A unit without a row has no count of its own, so that invented ids can't fill the table.
    private static func record(
        _ refusal: Refusal, of id: FacultyID, isPresent: Bool, known world: World, in transaction: Transaction
    ) throws {
        let unit = refusal.unit.flatMap { world.units[$0] == nil ? nil : $0.rawValue } ?? ""
        let sample = RefusalRepository.Sample(
            at: transaction.now, topic: "consultease/faculty/\(id)/status", payload: #"{"present":\#(isPresent)}"#)
        try RefusalRepository(transaction).record([
            RefusalRepository.Cause(unit: unit, reason: refusal.reason.rawValue): (1, [sample])
        ])
    }

    /// Sets a person's override, and returns the revision at which it can be read. If others edit it at the same
    /// moment, the last one stands.
    package func setOverride(_ word: OverrideWord, until: Timestamp?, for id: FacultyID) async throws -> Revision {
        try await changeOverride(of: id) { _ in .set(word, until.map { .at($0) } ?? .open) }
    }

    /// Changes an override on behalf of a machine (a desk unit's button, a calendar): `decide` is given the override in
    /// force and returns the edit, or nil to leave it.
    ///
    /// If others edit it meanwhile, `decide` is asked again with the new state, at most five times in all; then
    /// `VersionConflict<Override>` is thrown. Returns the revision at which the outcome can be read. Throws
    /// `FacultyError.unknown` if no faculty member has the id or the person is archived, and
    /// `PeopleError.endHasPassed`.
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
                    // Clearing an override that isn't there changes nothing.
                    return seen.standing == nil && edit == .clear ? nil : edit.map { ($0, seen.version) }
                },
                writing: { choice, transaction in
                    do {
                        _ = try choice.0.apply(to: id, expecting: choice.1, in: transaction)
                    } catch PeopleError.noOverride {
                        // The override has ended since, or another caller has cleared it.
                    }
                })
            switch result {
            case .wrote(let committed): return committed.revision
            case .left(let seen): return seen.revision
            }
        } catch PeopleError.unknownFaculty, PeopleError.archivedFaculty {
            throw FacultyError.unknown(id)
        }
    }

    /// The override in force, and the revision of the snapshot that it was read in.
    private struct SeenOverride: Sendable {
        let standing: Versioned<Override>?
        let revision: Revision

        var version: ExpectedVersion { standing.map { .exactly($0.version) } ?? .absent }
    }
}

extension Message {
    /// A live report of presence, as the old unit of this person sends it.
    fileprivate init(reporting isPresent: Bool, of id: FacultyID, at now: Timestamp) {
        self.init(
            topic: .status(id), isRetained: false, arrivedAt: now, age: .fresh,
            content: .status(StatusReport(word: .present(isPresent))), names: Names(faculty: id))
    }
}
