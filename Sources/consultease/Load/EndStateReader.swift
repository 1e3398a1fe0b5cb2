// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import GRDB
import Simulation

/// Reads the end state from a SQLite file, read-only, without the server's own code.
struct EndStateReader: Sendable {
    private let queue: DatabaseQueue

    /// Throws where there is no such file, or it is no database.
    init(file: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "end-state"
        configuration.busyMode = .timeout(5)
        queue = try DatabaseQueue(path: file, configuration: configuration)
    }

    func read() async throws -> EndState {
        try await queue.read { database in
            var state = EndState(consultations: [:])
            let people = try Row.fetchCursor(
                database,
                sql: """
                    SELECT a.faculty_id, a.state AS availability, p.state AS presence, p.verified
                    FROM availability a LEFT JOIN presence p ON p.faculty_id = a.faculty_id
                    """)
            while let row = try people.next() {
                let id: Int64 = row["faculty_id"]
                let presence: String? = row["presence"]
                let isVerified: Bool? = row["verified"]
                state.faculty[id] = EndState.FacultyFacts(
                    availability: row["availability"],
                    presence: presence.map { EndState.PresenceFacts(state: $0, isVerified: isVerified ?? false) })
            }
            let consultations = try Row.fetchCursor(database, sql: "SELECT id, status FROM consultation")
            while let row = try consultations.next() {
                let id: Int64 = row["id"]
                let status: String = row["status"]
                state.consultations?[id] = status
            }
            return state
        }
    }
}
