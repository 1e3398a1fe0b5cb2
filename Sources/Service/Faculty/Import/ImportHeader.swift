// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The first row of a file: which field stands in which column. Any order, upper or lower case.
struct ImportHeader: Hashable, Sendable {
    let fields: [FacultyField]
    let problems: [ImportProblem]

    init(_ record: CSVReader.Record) {
        var fields: [FacultyField] = []
        var problems: [ImportProblem] = []
        for name in record.fields {
            guard let field = FacultyField(rawValue: name.trimmed.lowercased()) else {
                problems.append(Self.unknown(name, line: record.line))
                continue
            }
            if fields.contains(field) {
                problems.append(
                    ImportProblem(
                        line: record.line, column: field.rawValue, problem: "the column comes twice",
                        remedy: "leave one of them out"))
            }
            fields.append(field)
        }
        for field in FacultyField.allCases where field.isRequired && !fields.contains(field) {
            problems.append(
                ImportProblem(
                    line: record.line, column: field.rawValue, problem: "the column is missing",
                    remedy: "add it: a person can't be shown without it"))
        }
        self.fields = fields
        self.problems = problems
    }

    /// The column's name at a position, if there is one.
    func name(at position: Int) -> String? {
        fields.indices.contains(position) ? fields[position].rawValue : nil
    }

    private static func unknown(_ name: String, line: Int) -> ImportProblem {
        let known = FacultyField.allCases.map(\.rawValue).joined(separator: ", ")
        guard !name.contains(where: { $0 == ";" || $0 == "\t" }) else {
            return ImportProblem(
                line: line, column: nil, problem: "the columns aren't separated by commas",
                remedy: "save the file as CSV with commas")
        }
        return ImportProblem(
            line: line, column: nil, problem: "there is no column \(name.trimmed.quoted)",
            remedy: "rename it or leave it out; columns are \(known)")
    }
}
