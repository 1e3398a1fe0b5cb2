// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HashTreeCollections

/// One publication: whom it touched, in all and by department, so that a screen of one department costs what changed there.
struct BoardStep: Sendable {
    /// The revision that the board had before.
    let from: Revision
    let touched: [FacultyID]
    /// Under the department that they were in before as under the one that they are in now.
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

    func touched(in department: String?) -> [FacultyID] {
        department.map { byDepartment[$0] ?? [] } ?? touched
    }
}
