// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Store

/// What the database holds already of the ids, beacons and names that are about to be added: read in one snapshot.
package struct TakenKeys: Hashable, Sendable {
    package var ids: [FacultyID: FacultyRepository.Holder]
    package var beacons: [BeaconAddress: FacultyRepository.Holder]
    /// People who aren't archived, by what a reader sees of them; of several the first.
    package var people: [PersonKey: FacultyRepository.Holder]
    package var largestID: Int64

    package init(
        ids: [FacultyID: FacultyRepository.Holder] = [:], beacons: [BeaconAddress: FacultyRepository.Holder] = [:],
        people: [PersonKey: FacultyRepository.Holder] = [:], largestID: Int64 = 0
    ) {
        self.ids = ids
        self.beacons = beacons
        self.people = people
        self.largestID = largestID
    }

    /// Reads what concerns these entries: a few queries, whatever their number.
    package init(of entries: [FacultyEntry], in transaction: Transaction) throws {
        try self.init(ofKeysIn: entries, in: transaction)
        people = try Self.people(like: Set(entries.map(\.key)), in: FacultyRepository(transaction))
    }

    /// The same without the people who look like these.
    init(ofKeysIn entries: [FacultyEntry], in transaction: Transaction) throws {
        let repository = FacultyRepository(transaction)
        ids = try repository.holders(of: Set(entries.compactMap(\.id)))
        beacons = try repository.holders(of: Set(entries.compactMap(\.beacon)))
        people = [:]
        largestID = try repository.largestID()
    }

    /// The keys of the entry that belong to another person.
    func problems(of entry: FacultyEntry) -> [FieldProblem] {
        var found: [FieldProblem] = []
        if let id = entry.id, let holder = ids[id] {
            found.append(
                FieldProblem(
                    field: .id, problem: "\(holder) has it",
                    remedy: "choose another, or leave it out to take the next free one"))
        }
        if let beacon = entry.beacon, let holder = beacons[beacon] {
            found.append(Self.taken(beacon, by: holder))
        }
        return found
    }

    static func taken(_ beacon: BeaconAddress, by holder: FacultyRepository.Holder) -> FieldProblem {
        FieldProblem(
            field: .beacon, problem: "\(beacon) is worn by \(holder)",
            remedy: "check the address, or take the beacon off \(holder.id) first")
    }

    /// Another person with the same name and department, to the eye: perhaps the same person.
    package func twin(of entry: FacultyEntry) -> FacultyRepository.Holder? {
        people[entry.key]
    }

    /// People who aren't archived and look like these. What the eye doesn't tell apart no database compares, so every
    /// name is read.
    static func people(
        like wanted: Set<PersonKey>, besides id: FacultyID? = nil, in repository: FacultyRepository
    ) throws -> [PersonKey: FacultyRepository.Holder] {
        guard !wanted.isEmpty else { return [:] }
        var found: [PersonKey: FacultyRepository.Holder] = [:]
        for holder in try repository.present() where holder.id != id {
            let key = PersonKey(name: holder.name, department: holder.department)
            if wanted.contains(key), found[key] == nil { found[key] = holder }
        }
        return found
    }

    static let noIDLeft = FieldProblem(
        field: .id, problem: "no id is left above the largest one in use", remedy: "give a smaller one that is free")
}
