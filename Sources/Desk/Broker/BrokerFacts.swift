// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Store
import Wire

/// What the broker's rules need to know of units beside their credentials. Kept in the broker's folder, so that each
/// process that writes the rules has it, with a database at hand or without.
package struct BrokerFacts: Hashable, Sendable, Codable {
    /// The id of the old unit that speaks on `professor/status`; nil if none is meant.
    private var professorStatusSender: String?
    /// The person at whose desk each unit of dialect 2 stands, by the unit's id.
    private var desks: [String: Int64]

    package init(professorStatusSender: UnitID? = nil, desks: [UnitID: FacultyID] = [:]) {
        self.professorStatusSender = professorStatusSender?.rawValue
        self.desks = Dictionary(
            desks.map { ($0.key.rawValue, $0.value.rawValue) }, uniquingKeysWith: { first, _ in first })
    }

    /// As the database has it.
    package static func current(in store: Store) async throws -> BrokerFacts {
        let units = try await store.read { try UnitRepository($0).all() }
        var desks: [UnitID: FacultyID] = [:]
        for unit in units where unit.dialect == .two { desks[unit.id] = unit.faculty }
        return BrokerFacts(professorStatusSender: units.first(where: \.speaksProfessorStatus)?.id, desks: desks)
    }

    var sender: UnitID? { professorStatusSender.flatMap { UnitID($0) } }

    /// The people for whom one of these units speaks.
    func people(of units: [UnitID]) -> Set<FacultyID> {
        Set(units.compactMap { unit in unit.dialect1Faculty ?? desks[unit.rawValue].flatMap { FacultyID($0) } })
    }
}
