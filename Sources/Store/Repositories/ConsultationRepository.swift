// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

/// Students and their requests, as far as a desk unit's answer needs them.
package struct ConsultationRepository {
    let connection: any Connection
    let now: Timestamp

    package init(_ transaction: Transaction) {
        connection = transaction.connection
        now = transaction.now
    }

    package func addStudent(id: StudentID, number: String, name: String, department: String) throws {
        try connection.execute(
            """
            INSERT INTO student (id, number, name, department) VALUES (\(id), \(number), \(name), \(department))
            """)
    }

    package func hasStudent(_ id: StudentID) throws -> Bool {
        try connection.first("SELECT 1 FROM student WHERE id = \(id)") != nil
    }

    /// Adds a request as it is after being put on a unit's screen, or on none.
    package func add(
        id: ConsultationID, faculty: FacultyID, student: StudentID, status: ConsultationStatus, topic: String,
        message: String, onScreenOf unit: UnitID? = nil
    ) throws {
        try connection.execute(
            """
            INSERT INTO consultation (id, faculty_id, student_id, status, topic, message, created_at, on_screen_of)
            VALUES (\(id), \(faculty), \(student), \(status), \(topic), \(message), \(now), \(unit))
            """)
    }

    package func status(of id: ConsultationID) throws -> ConsultationStatus? {
        try connection.first("SELECT status FROM consultation WHERE id = \(id)") { row throws(SQLError) in
            try row.next()
        }
    }
}
