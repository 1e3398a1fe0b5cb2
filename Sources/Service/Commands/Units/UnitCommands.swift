// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Store

/// The commands on desk units and their assignment. Each call is one transaction and needs no running server.
package struct UnitCommands: Sendable {
    private let store: Store

    init(store: Store) {
        self.store = store
    }

    /// The broker knows the server itself by this name: a unit must not take it.
    package static let reservedNames: Set<String> = ["server"]

    /// A unit just added.
    package struct Added: Hashable, Sendable {
        package let dialect: Dialect
        /// The person on whose desk it stands; nil if unassigned.
        package let faculty: FacultyID?
    }

    /// Makes a unit known. `dialect` nil is told from the id: `d1-{faculty}` is an old unit, everything else speaks
    /// dialect 2. A unit of dialect 1 stands on the desk of whom its id names.
    @discardableResult
    package func add(
        _ id: UnitID, dialect: Dialect? = nil, faculty: FacultyID?
    ) async throws -> Store.Committed<Added> {
        let named = id.dialect1Faculty
        let dialect = dialect ?? (named == nil ? .two : .one)
        guard !Self.reservedNames.contains(id.rawValue) else { throw UnitError.reserved(id) }
        switch (dialect, named) {
        case (.one, nil): throw UnitError.noNameOfItsOwn(id)
        case (.two, .some): throw UnitError.nameOfDialect1(id)
        case (.one, let named?): if let faculty, faculty != named { throw UnitError.standsWith(id, named) }
        case (.two, nil): break
        }
        let owner = named ?? faculty
        return try await store.write { transaction in
            let units = UnitRepository(transaction)
            guard try units.find(id) == nil else { throw UnitError.known(id) }
            if let owner { try Self.requireFreeDesk(of: owner, for: id, transaction) }
            try units.add(id, dialect: dialect, faculty: owner)
            return Added(dialect: dialect, faculty: owner)
        }
    }

    /// Assigns a unit of dialect 2 to a person, or to none. Its presence so far stays with whom it was sensed of. The
    /// unit's version then is returned. Throws `UnitError`, `PeopleError`, or
    /// `VersionConflict<UnitRepository.Assignment>`.
    @discardableResult
    package func assign(
        _ id: UnitID, to faculty: FacultyID?, expecting: ExpectedVersion = .any
    ) async throws -> Store.Committed<Int64> {
        try await store.write { transaction in
            let units = UnitRepository(transaction)
            guard let stored = try units.find(id) else { throw UnitError.unknown(id) }
            if stored.dialect == .one, stored.faculty != faculty {
                throw UnitError.standsWith(id, id.dialect1Faculty ?? stored.faculty)
            }
            try stored.require(expecting, wanting: UnitRepository.Assignment(faculty: faculty))
            if let faculty { try Self.requireFreeDesk(of: faculty, for: id, transaction) }
            guard let version = try units.assign(id, to: faculty, expecting: expecting) else {
                throw UnitError.unknown(id)
            }
            return version
        }
    }

    /// Forgets a unit, and returns the person at whose desk it stood. Throws `UnitError`.
    package func remove(_ id: UnitID) async throws -> Store.Committed<FacultyID?> {
        try await store.write { transaction in
            let units = UnitRepository(transaction)
            guard let stored = try units.find(id) else { throw UnitError.unknown(id) }
            _ = try units.remove(id)
            return stored.faculty
        }
    }

    /// Makes an old unit, and no other, the sender of what comes on `professor/status` without a name; nil makes none.
    package func setProfessorStatusSender(_ id: UnitID?) async throws {
        try await store.write { transaction in
            let units = UnitRepository(transaction)
            if let id {
                guard let stored = try units.find(id) else { throw UnitError.unknown(id) }
                guard stored.dialect == .one else { throw UnitError.speaksDialect2(id) }
            }
            try units.setProfessorStatusSender(id)
        }
    }

    /// One unit a person for now. An old unit doesn't count: it can't be taken away here, and a new one takes its
    /// place.
    private static func requireFreeDesk(of faculty: FacultyID, for id: UnitID, _ transaction: Transaction) throws {
        guard let person = try FacultyRepository(transaction).find(faculty) else {
            throw PeopleError.unknownFaculty(faculty)
        }
        guard person.archivedAt == nil else { throw PeopleError.archivedFaculty(faculty) }
        if let other = try UnitRepository(transaction).units(of: faculty).first(where: {
            $0.id != id && $0.dialect == .two
        }) {
            throw UnitError.deskTaken(faculty, by: other.id)
        }
    }

    /// Everything that is known of units, with whom they stand, in one snapshot.
    package func all() async throws -> [(unit: UnitRepository.Stored, faculty: FacultyRepository.Holder?)] {
        try await store.read { transaction in
            let units = try UnitRepository(transaction).all()
            let people = try FacultyRepository(transaction).holders(of: Set(units.compactMap(\.faculty)))
            return units.map { ($0, $0.faculty.flatMap { people[$0] }) }
        }
    }

    /// Throws unless the unit may have a credential: it is known, or it is an old unit of an existing person.
    package func requireMayConnect(_ id: UnitID) async throws {
        guard !Self.reservedNames.contains(id.rawValue) else { throw UnitError.reserved(id) }
        try await store.read { transaction in
            if try UnitRepository(transaction).find(id) != nil { return }
            guard let faculty = id.dialect1Faculty else { throw UnitError.unknown(id) }
            guard let person = try FacultyRepository(transaction).find(faculty) else {
                throw PeopleError.unknownFaculty(faculty)
            }
            guard person.archivedAt == nil else { throw PeopleError.archivedFaculty(faculty) }
        }
    }
}

/// The reason why a command about units is refused. The caller puts it into words.
package enum UnitError: Error, Hashable, Sendable {
    case unknown(UnitID)
    case known(UnitID)
    /// The name is the server's own at the broker.
    case reserved(UnitID)
    /// A unit of dialect 1 is called `d1-` and its person's id.
    case noNameOfItsOwn(UnitID)
    case nameOfDialect1(UnitID)
    /// A unit of dialect 1 names its person in its topics.
    case standsWith(UnitID, FacultyID?)
    case deskTaken(FacultyID, by: UnitID)
    case speaksDialect2(UnitID)
}
