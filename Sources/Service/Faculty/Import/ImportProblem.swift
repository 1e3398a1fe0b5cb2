// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One thing that keeps a file from being imported: where it is, what is wrong, and what to do.
package struct ImportProblem: Hashable, Sendable, CustomStringConvertible {
    /// The line on which the row begins, from 1.
    package let line: Int
    /// The column's name as the header has it; nil if the whole row is meant.
    package let column: String?
    package let problem: String
    package let remedy: String

    package init(line: Int, column: String?, problem: String, remedy: String) {
        self.line = line
        self.column = column
        self.problem = problem
        self.remedy = remedy
    }

    init(line: Int, _ problem: FieldProblem) {
        self.init(line: line, column: problem.field.rawValue, problem: problem.problem, remedy: problem.remedy)
    }

    package var description: String {
        "line \(line)\(column.map { ", \($0)" } ?? ""): \(problem): \(remedy)"
    }
}

extension [ImportProblem] {
    /// In the order of the file; within a line as they were found.
    var inFileOrder: [ImportProblem] {
        enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
    }
}
