// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What an administrator enters of a faculty member. The raw values name columns of a file, flags and parts of
/// messages.
package enum FacultyField: String, Sendable, CaseIterable {
    case id
    case name
    case surname
    case department
    case room
    case directions
    case subjects
    case email
    case beacon

    /// Whether an entry needs it.
    package var isRequired: Bool {
        switch self {
        case .name, .department: true
        case .id, .surname, .room, .directions, .subjects, .email, .beacon: false
        }
    }

    /// The longest text that is taken, in Unicode scalars: what the schema's `length()` counts.
    package static let longestText = 200
}

/// One field that can't be taken as it was entered: what is wrong, and what to do.
package struct FieldProblem: Hashable, Sendable, CustomStringConvertible {
    package let field: FacultyField
    package let problem: String
    package let remedy: String

    package init(field: FacultyField, problem: String, remedy: String) {
        self.field = field
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String { "\(field.rawValue): \(problem): \(remedy)" }
}

/// Everything that is wrong with one entry, in the order of the fields. Never empty.
package struct FieldProblems: Error, Hashable, Sendable, CustomStringConvertible {
    package let problems: [FieldProblem]

    package init(_ problems: [FieldProblem]) {
        self.problems = problems
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
