// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension ConsultationRepository {
    package func versionedStatus(of id: ConsultationID) throws -> Versioned<ConsultationStatus>? {
        try connection.first("SELECT status, version FROM consultation WHERE id = \(id)") { row throws(SQLError) in
            Versioned(value: try row.next(), version: try row.next())
        }
    }

    /// Does a person's action to a request, by the transition table of `ConsultationStatus`; the version rises if it
    /// moves. Nil if there is no such request. Throws `VersionConflict<ConsultationStatus>`.
    ///
    /// A desk unit's answers are judged and written in one transaction by `WorldRepository.save`.
    @discardableResult
    package func apply(
        _ action: ConsultationAction, to id: ConsultationID, expecting: ExpectedVersion = .any
    ) throws -> ConsultationOutcome? {
        guard let standing = try versionedStatus(of: id) else { return nil }
        guard expecting.allows(standing.version) else {
            throw VersionConflict(expected: expecting, wanted: action.target, standing: standing)
        }
        let outcome = standing.value.applying(action)
        guard case .moves(let status) = outcome else { return outcome }
        let answeredAt = action.isAnswer ? now : nil
        let startedAt = action == .start ? now : nil
        let changed = try connection.execute(
            """
            UPDATE consultation SET status = \(status), version = version + 1,
                answered_at = coalesce(\(answeredAt), answered_at), started_at = coalesce(\(startedAt), started_at),
                on_screen_of = CASE \(status.leavesScreen) WHEN 1 THEN NULL ELSE on_screen_of END
            WHERE id = \(id) AND version = \(standing.version)
            """)
        guard changed == 1 else {
            throw VersionConflict(expected: expecting, wanted: status, standing: try versionedStatus(of: id))
        }
        return outcome
    }

    /// What an administrator edits of a student.
    package struct StudentProfile: Hashable, Sendable {
        package var number: String
        package var name: String
        package var department: String

        package init(number: String, name: String, department: String) {
            self.number = number
            self.name = name
            self.department = department
        }
    }

    package func student(_ id: StudentID) throws -> Versioned<StudentProfile>? {
        try connection.first(
            "SELECT number, name, department, version FROM student WHERE id = \(id)"
        ) { row throws(SQLError) in
            Versioned(
                value: StudentProfile(number: try row.next(), name: try row.next(), department: try row.next()),
                version: try row.next())
        }
    }

    /// Replaces what is kept of a student; what is the same already is left alone. Returns the version that stands
    /// then, nil if no student has the id. Throws `VersionConflict<StudentProfile>`, or a constraint error if the
    /// number is another's.
    @discardableResult
    package func changeStudent(
        _ id: StudentID, to wanted: StudentProfile, expecting: ExpectedVersion = .any
    ) throws -> Int64? {
        guard let standing = try student(id) else { return nil }
        guard expecting.allows(standing.version) else {
            throw VersionConflict(expected: expecting, wanted: wanted, standing: standing)
        }
        guard wanted != standing.value else { return standing.version }
        let changed = try connection.execute(
            """
            UPDATE student SET number = \(wanted.number), name = \(wanted.name), department = \(wanted.department),
                version = version + 1
            WHERE id = \(id) AND version = \(standing.version)
            """)
        guard changed == 1 else {
            throw VersionConflict(expected: expecting, wanted: wanted, standing: try student(id))
        }
        return standing.version + 1
    }
}

extension ConsultationAction {
    /// Whether it is the faculty member's answer.
    fileprivate var isAnswer: Bool {
        switch self {
        case .accept, .busy, .decline: true
        case .start, .complete, .cancel, .expire, .noShow, .askAgain: false
        }
    }
}
