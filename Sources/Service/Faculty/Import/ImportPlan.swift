// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Store

/// What importing a file would come to, given what the database holds. Pure: the same for a dry run and for the real
/// one.
package struct ImportPlan: Hashable, Sendable {
    /// One person to be added.
    package struct Addition: Hashable, Sendable {
        package let line: Int
        package let id: FacultyID
        /// Whether the file gave the id.
        package let isIDGiven: Bool
        package let profile: FacultyProfile
        package let beacon: BeaconAddress?
    }

    /// In the order of the file. Added all, or, if there is a problem, none.
    package let additions: [Addition]
    package let problems: [ImportProblem]
    package let rowCount: Int

    package init(_ file: ImportFile, taken: TakenKeys) {
        var planner = Planner(taken: taken, nextID: Self.firstFreeID(file, taken))
        for row in file.rows { planner.take(row) }
        additions = planner.additions
        problems = (file.problems + planner.problems).inFileOrder
        rowCount = file.rowCount
    }

    /// Above every id that is taken or given: an id is never used again.
    private static func firstFreeID(_ file: ImportFile, _ taken: TakenKeys) -> Int64 {
        max(taken.largestID, file.rows.compactMap(\.entry.id?.rawValue).max() ?? 0) + 1
    }

    private struct Planner {
        let taken: TakenKeys
        var nextID: Int64
        var additions: [Addition] = []
        var problems: [ImportProblem] = []

        mutating func take(_ row: ImportFile.Row) {
            var found = taken.problems(of: row.entry)
            if row.entry.id == nil, let twin = taken.twin(of: row.entry) { found.append(Self.twinProblem(twin)) }
            let id = row.entry.id ?? FacultyID(nextID)
            if id.map({ $0.rawValue > FacultyID.largestAtOurDoors }) ?? true { found.append(TakenKeys.noIDLeft) }
            problems += found.map { ImportProblem(line: row.line, $0) }
            guard found.isEmpty, let id else { return }
            if row.entry.id == nil { nextID += 1 }
            additions.append(
                Addition(
                    line: row.line, id: id, isIDGiven: row.entry.id != nil, profile: row.entry.profile,
                    beacon: row.entry.beacon))
        }

        private static func twinProblem(_ twin: FacultyRepository.Holder) -> FieldProblem {
            FieldProblem(
                field: .name, problem: "\(twin) is in this department already",
                remedy: "leave the row out; if it is another person, give the row an id of its own")
        }
    }
}
