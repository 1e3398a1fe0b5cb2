// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HashTreeCollections

/// One publication: the ids that it touched, in all and by department.
struct BoardStep: Sendable {
    /// The revision that the board had before.
    let from: Revision
    let touched: [FacultyID]
    /// A person who moved stands under the former department and under the new one.
    private let byDepartment: [String: [FacultyID]]

    init(from before: BoardSnapshot, to after: BoardSnapshot, touched: [FacultyID]) {
        from = before.revision
        self.touched = touched
        var byDepartment: [String: [FacultyID]] = [:]
        for id in touched {
            let (was, now) = (before.cards[id]?.profile.department, after.cards[id]?.profile.department)
            if let was { byDepartment[was, default: []].append(id) }
            if let now, now != was { byDepartment[now, default: []].append(id) }
        }
        self.byDepartment = byDepartment
    }

    /// The departments that it touched.
    var departments: some Sequence<String> { byDepartment.keys }

    func touched(in department: String?) -> [FacultyID] {
        department.map { byDepartment[$0] ?? [] } ?? touched
    }
}
