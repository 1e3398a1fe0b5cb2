// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Store
import Wire

/// Who there is: what an administrator does to faculty profiles, beacons and overrides. Each call is one transaction, whole or
/// not at all, and needs no running server.
package struct FacultyRegister: Sendable {
    let store: Store

    package init(store: Store) {
        self.store = store
    }

    /// Somebody just added.
    package struct Added: Sendable, Hashable {
        package let id: FacultyID
        /// Who has the same name in the same department: perhaps the same person twice.
        package let twin: FacultyRepository.Holder?
    }

    /// Adds one person. Throws `FieldProblems` where the id or the beacon is taken.
    @discardableResult
    package func add(_ entry: FacultyEntry) async throws -> Store.Committed<Added> {
        try await store.write { transaction in
            let taken = try TakenKeys(of: [entry], in: transaction)
            var problems = taken.problems(of: entry)
            let id = entry.id ?? FacultyID(taken.largestID + 1)
            if entry.id == nil, taken.largestID >= FacultyID.largestAtOurDoors { problems.append(TakenKeys.noIDLeft) }
            guard problems.isEmpty, let id else { throw FieldProblems(problems) }
            try FacultyRepository(transaction).add(entry.profile, id: id, beacon: entry.beacon)
            return Added(id: id, twin: taken.twin(of: entry))
        }
    }

    /// Changes what is given, as texts; a blank one, or `none`, takes an optional field away. Throws `FieldProblems`, or
    /// `RegisterError.unknownFaculty`.
    @discardableResult
    package func change(_ id: FacultyID, _ texts: [FacultyField: String]) async throws -> Revision {
        try await store.write { transaction in
            let repository = FacultyRepository(transaction)
            guard let stored = try repository.find(id) else { throw RegisterError.unknownFaculty(id) }
            var kept = stored.texts
            // A surname that was taken from the name follows it.
            if texts[.name] != nil, stored.profile.surname == FacultyProfile.lastWord(of: stored.profile.name) {
                kept[.surname] = nil
            }
            let entry = try FacultyEntry(checking: kept.merging(texts.mapValues(Self.blankingNone)) { $1 })
            let beacons = entry.beacon.map { Set([$0]) } ?? []
            if let beacon = entry.beacon, let holder = try repository.holders(of: beacons)[beacon], holder.id != id {
                throw FieldProblems([TakenKeys.taken(beacon, by: holder)])
            }
            var profile = entry.profile
            profile.imagePath = stored.profile.imagePath
            if profile != stored.profile { try repository.update(id, to: profile) }
            if entry.beacon != stored.beacon {
                try repository.releaseBeacons(of: id)
                if let beacon = entry.beacon { try repository.assign(beacon, to: id) }
            }
        }.revision
    }

    private static func blankingNone(_ text: String) -> String { text.trimmed.lowercased() == "none" ? "" : text }

    /// What somebody gave back when they were archived.
    package struct Archived: Sendable, Hashable {
        package let beacon: BeaconAddress?
        /// Desk units of dialect 2 that stand on nobody's desk now.
        package let units: [UnitID]
    }

    /// Takes somebody off every screen; the history stays. The beacon and the desk unit become free for somebody else.
    @discardableResult
    package func archive(_ id: FacultyID) async throws -> Store.Committed<Archived> {
        try await store.write { transaction in
            let repository = FacultyRepository(transaction)
            guard let stored = try repository.find(id) else { throw RegisterError.unknownFaculty(id) }
            guard try repository.archive(id) else { throw RegisterError.archivedFaculty(id) }
            try repository.releaseBeacons(of: id)
            let units = UnitRepository(transaction)
            // A unit of dialect 1 names its person in its topics: it can't be anybody else's.
            let freed = try units.units(of: id).filter { $0.dialect == .two }.map(\.id)
            for unit in freed { _ = try units.assign(unit, to: nil) }
            return Archived(beacon: stored.beacon, units: freed)
        }
    }

    /// Sets somebody's own word, or takes it back (`word` nil). Throws where nobody has the id, or the end has passed.
    @discardableResult
    package func setOverride(
        _ word: OverrideWord?, end: OverrideEnd = .open, of id: FacultyID
    ) async throws -> Store.Committed<Timestamp?> {
        try await store.write { transaction in
            guard let stored = try FacultyRepository(transaction).find(id) else {
                throw RegisterError.unknownFaculty(id)
            }
            guard stored.archivedAt == nil else { throw RegisterError.archivedFaculty(id) }
            let overrides = OverrideRepository(transaction)
            guard let word else {
                guard try overrides.clear(id) else { throw RegisterError.noOverride(id) }
                return nil
            }
            let until = end.moment(after: transaction.now)
            if let until, until <= transaction.now { throw RegisterError.endHasPassed(until) }
            try overrides.set(word, until: until, for: id)
            return until
        }
    }
}

/// When an override ends by itself.
package enum OverrideEnd: Hashable, Sendable {
    case open
    case at(Timestamp)
    case after(Span)

    func moment(after now: Timestamp) -> Timestamp? {
        switch self {
        case .open: nil
        case .at(let moment): moment
        case .after(let span): now + span
        }
    }
}

/// Why the register can't do what it is asked; each says the remedy.
package enum RegisterError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownFaculty(FacultyID)
    case archivedFaculty(FacultyID)
    case noOverride(FacultyID)
    case endHasPassed(Timestamp)

    package var description: String {
        switch self {
        case .unknownFaculty(let id): "nobody has the id \(id): `consultease faculty list` shows who there is"
        case .archivedFaculty(let id):
            "\(id) is archived: `consultease faculty list --archived` shows who is; add the person anew where they are back"
        case .noOverride(let id): "\(id) has no override: there is nothing to take back"
        case .endHasPassed(let moment): "until: \(moment.iso8601) has passed: give a moment to come"
        }
    }
}

extension FacultyRepository.Stored {
    /// The fields as they would be entered; the id isn't one that can be changed.
    fileprivate var texts: [FacultyField: String] {
        let texts: [FacultyField: String?] = [
            .name: profile.name, .surname: profile.surname, .department: profile.department, .room: profile.room,
            .directions: profile.directions, .subjects: profile.subjects, .email: profile.email,
            .beacon: beacon?.description,
        ]
        return texts.compactMapValues { $0 }
    }
}
