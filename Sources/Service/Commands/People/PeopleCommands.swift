// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Rules
package import Store
import Wire

/// Who there is: what an administrator does to faculty profiles, beacons and overrides. Each call is one transaction,
/// whole or not at all, and needs no running server.
package struct PeopleCommands: Sendable {
    private let store: Store

    init(store: Store) {
        self.store = store
    }

    /// A person who was just added.
    package struct Added: Sendable, Hashable {
        package let id: FacultyID
        /// The people who have the same name in the same department: perhaps the same person twice.
        package let twin: FacultyRepository.Holder?
    }

    /// Adds one person. Throws `FieldProblems` if the id or the beacon is taken.
    @discardableResult
    package func add(_ entry: FacultyEntry) async throws -> Store.Committed<Added> {
        // Outside of the transaction that writes, since every name is read; it is a hint and refuses no entry.
        let twin = try await store.read { transaction in
            try TakenKeys.people(like: [entry.key], in: FacultyRepository(transaction)).values.first
        }
        return try await store.write { transaction in
            let taken = try TakenKeys(ofKeysIn: [entry], in: transaction)
            var problems = taken.problems(of: entry)
            let id = entry.id ?? FacultyID(taken.largestID + 1)
            if entry.id == nil, taken.largestID >= FacultyID.largestAtOurDoors { problems.append(TakenKeys.noIDLeft) }
            guard problems.isEmpty, let id else { throw FieldProblems(problems) }
            try FacultyRepository(transaction).add(entry.profile, id: id, beacon: entry.beacon)
            return Added(id: id, twin: twin)
        }
    }

    /// Changes what is given, as texts; a blank one, or `none`, takes an optional field away. The profile's version
    /// then is returned. Throws `FieldProblems`, `PeopleError.unknownFaculty`, or
    /// `VersionConflict<FacultyRepository.Content>`.
    @discardableResult
    package func change(
        _ id: FacultyID, _ texts: [FacultyField: String], expecting: ExpectedVersion = .any
    ) async throws -> Store.Committed<Int64> {
        try await store.write { transaction in
            let repository = FacultyRepository(transaction)
            guard let stored = try repository.find(id) else { throw PeopleError.unknownFaculty(id) }
            var kept = stored.texts
            // A surname that was taken from the name follows it.
            if texts[.name] != nil, stored.profile.surname == FacultyProfile.lastWord(of: stored.profile.name) {
                kept[.surname] = nil
            }
            let entry = try FacultyEntry(
                checking: kept.merging(texts.mapValues(Self.blankingNone)) { $1 },
                keeping: Set(kept.keys).subtracting(texts.keys))
            var profile = entry.profile
            profile.imagePath = stored.profile.imagePath
            // Check the version first: a stale edit must not report a beacon conflict.
            try stored.require(
                expecting,
                wanting: .init(profile: profile, beacon: entry.beacon, isArchived: stored.archivedAt != nil))
            let beacons = entry.beacon.map { Set([$0]) } ?? []
            if let beacon = entry.beacon, let holder = try repository.holders(of: beacons)[beacon], holder.id != id {
                throw FieldProblems([TakenKeys.taken(beacon, by: holder)])
            }
            guard let version = try repository.change(id, to: profile, beacon: entry.beacon, expecting: expecting)
            else {
                throw PeopleError.unknownFaculty(id)
            }
            return version
        }
    }

    /// Who else is in the same department with the same name, to the eye: perhaps the same person. Nil if there is
    /// none.
    package func twin(of id: FacultyID) async throws -> FacultyRepository.Holder? {
        try await store.read { transaction in
            let repository = FacultyRepository(transaction)
            guard let stored = try repository.find(id), stored.archivedAt == nil else { return nil }
            let key = PersonKey(name: stored.profile.name, department: stored.profile.department)
            return try TakenKeys.people(like: [key], besides: id, in: repository).values.first
        }
    }

    private static func blankingNone(_ text: String) -> String { text.trimmed.lowercased() == "none" ? "" : text }

    /// What became free when a person was archived.
    package struct Archived: Sendable, Hashable {
        package let beacon: BeaconAddress?
        /// Desk units of dialect 2 that are unassigned now.
        package let units: [UnitID]
    }

    /// Takes a person off every screen; the history stays. The beacon and the desk unit become free for others.
    /// Throws `PeopleError`, or `VersionConflict<FacultyRepository.Content>`.
    @discardableResult
    package func archive(
        _ id: FacultyID, expecting: ExpectedVersion = .any
    ) async throws -> Store.Committed<Archived> {
        try await store.write { transaction in
            let repository = FacultyRepository(transaction)
            guard let stored = try repository.find(id) else { throw PeopleError.unknownFaculty(id) }
            guard try repository.archive(id, expecting: expecting) else { throw PeopleError.archivedFaculty(id) }
            try repository.releaseBeacons(of: id)
            let units = UnitRepository(transaction)
            // A unit of dialect 1 names its person in its topics, so it can't stand on another desk.
            let freed = try units.units(of: id).filter { $0.dialect == .two }.map(\.id)
            for unit in freed { try units.assign(unit, to: nil) }
            return Archived(beacon: stored.beacon, units: freed)
        }
    }

    /// Sets or clears an override for an editor who saw the present one; returns the override in force afterwards.
    /// Throws `PeopleError`, or `VersionConflict<Override>`: a machine uses `StatusCommands.changeOverride`.
    @discardableResult
    package func setOverride(
        _ edit: OverrideEdit, of id: FacultyID, expecting: ExpectedVersion = .any
    ) async throws -> Store.Committed<Versioned<Override>?> {
        try await store.write { transaction in try edit.apply(to: id, expecting: expecting, in: transaction) }
    }

    /// Says what importing the file would come to; writes nothing.
    package func plan(_ file: ImportFile) async throws -> ImportPlan {
        try await store.read { transaction in
            ImportPlan(file, taken: try TakenKeys(of: file.rows.map(\.entry), in: transaction))
        }
    }

    /// Adds all people in the file, or none if there is a problem: in one transaction, so that screens show all of
    /// them at once. `onProgress` is given how many are written, on the writer's thread.
    @discardableResult
    package func importing(
        _ file: ImportFile, onProgress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Store.Committed<ImportPlan> {
        try await store.write { transaction in
            let plan = ImportPlan(file, taken: try TakenKeys(of: file.rows.map(\.entry), in: transaction))
            guard plan.problems.isEmpty else { return plan }
            try FacultyRepository(transaction).add(
                plan.additions.map { .init(id: $0.id, profile: $0.profile, beacon: $0.beacon) }, onProgress: onProgress)
            return plan
        }
    }
}

/// The reason why a command about people is refused. The caller puts it into words.
package enum PeopleError: Error, Hashable, Sendable {
    case unknownFaculty(FacultyID)
    case archivedFaculty(FacultyID)
    case noOverride(FacultyID)
    case endHasPassed(Timestamp)
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
