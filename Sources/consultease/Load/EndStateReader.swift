// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import SQL
import SQLite
import Simulation

/// Reads the end state from the database, read-only and without the server's repositories, so as not to share their
/// faults.
struct EndStateReader: Sendable {
    private let engine: any Engine

    /// Throws if the database doesn't exist.
    init(_ location: DatabaseLocation) async throws {
        switch location {
        case .sqlite(let path):
            try FailureInWords.requireDatabase(at: path, orElse: "name the server's with --database")
            engine = try SQLiteEngine.readOnly(at: path)
        case .postgreSQL:
            engine = try await OpenedStore.engine(for: location)
        }
    }

    func read() async throws -> EndState {
        try await engine.read { database in
            var state = EndState(consultations: [:])
            let people = try database.query(
                """
                SELECT a.faculty_id, a.state, p.state, p.verified
                FROM availability a LEFT JOIN presence p ON p.faculty_id = a.faculty_id
                """)
            for row in people {
                let presence: String? = try row.get(2)
                let isVerified: Bool? = try row.get(3)
                state.faculty[try row.get(0)] = EndState.FacultyFacts(
                    availability: try row.get(1),
                    presence: presence.map { EndState.PresenceFacts(state: $0, isVerified: isVerified ?? false) })
            }
            for row in try database.query("SELECT id, status FROM consultation") {
                state.consultations?[try row.get(0)] = try row.get(1, as: String.self)
            }
            return state
        }
    }
}
