// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// A file of faculty members, read and judged by itself: what the database says of it comes with `ImportPlan`.
package struct ImportFile: Hashable, Sendable {
    /// One person, and where they stand in the file.
    package struct Row: Hashable, Sendable {
        package let line: Int
        package let entry: FacultyEntry
    }

    /// Rows without a fault, in the order of the file.
    package private(set) var rows: [Row] = []
    package private(set) var problems: [ImportProblem] = []
    /// How many rows there are below the header, good and bad.
    package private(set) var rowCount = 0

    private var lineOfID: [FacultyID: Int] = [:]
    private var lineOfBeacon: [BeaconAddress: Int] = [:]
    private var lineOfPerson: [PersonKey: Int] = [:]

    /// Reads the whole file and gathers all of its problems. Total: a file that is none has problems.
    package init(csv bytes: [UInt8]) {
        let read = CSVReader.read(bytes)
        // A table ends in rows of commas alone if it was longer once: they hold no person.
        let (records, faults) = (read.records.filter { !$0.isBlank }, read.faults)
        rowCount = max(0, records.count + faults.count - 1)
        // If the header itself can't be read, nothing below it can be told apart.
        guard let first = records.first, faults.allSatisfy({ $0.line > first.line }) else {
            problems = faults.map { Self.problem($0, nil) }
            if faults.isEmpty {
                problems = [
                    ImportProblem(
                        line: 1, column: nil, problem: "the file is empty", remedy: "begin it with a header row")
                ]
            }
            return
        }
        let header = ImportHeader(first)
        problems = header.problems + faults.map { Self.problem($0, header) }
        if rowCount == 0, problems.isEmpty {
            problems = [
                ImportProblem(
                    line: first.line, column: nil, problem: "no person stands below the header",
                    remedy: "write one row for each person")
            ]
        }
        if header.problems.isEmpty {
            for record in records.dropFirst() { take(record, header) }
        }
        problems = problems.inFileOrder
    }

    private mutating func take(_ record: CSVReader.Record, _ header: ImportHeader) {
        guard record.fields.count == header.fields.count else {
            problems.append(
                ImportProblem(
                    line: record.line, column: nil,
                    problem: "the row has \(record.fields.count) fields, the header \(header.fields.count)",
                    remedy: "write an empty field as nothing between two commas; put a field with commas in quotes"))
            return
        }
        let texts = Dictionary(uniqueKeysWithValues: zip(header.fields, record.fields))
        let hasTwin = noteTwins(texts, line: record.line)
        do {
            let entry = try FacultyEntry(checking: texts)
            let isTwin = noteTwin(entry, line: record.line)
            if !hasTwin, !isTwin { rows.append(Row(line: record.line, entry: entry)) }
        } catch {
            problems += error.problems.map { ImportProblem(line: record.line, $0) }
        }
    }

    /// Whether an earlier row has this row's id or beacon; looked for in faulty rows too, so that one reading finds
    /// all.
    private mutating func noteTwins(_ texts: [FacultyField: String], line: Int) -> Bool {
        var hasTwin = false
        if let id = texts[.id].flatMap({ FacultyID(digits: $0.trimmed) }) {
            if let earlier = lineOfID.updateValue(lineOfID[id] ?? line, forKey: id) {
                hasTwin = true
                problems.append(
                    ImportProblem(
                        line: line, column: FacultyField.id.rawValue,
                        problem: "\(id) stands in line \(earlier) already",
                        remedy: "give each person an id of their own"))
            }
        }
        if let beacon = texts[.beacon].flatMap({ BeaconAddress($0.trimmed) }) {
            if let earlier = lineOfBeacon.updateValue(lineOfBeacon[beacon] ?? line, forKey: beacon) {
                hasTwin = true
                problems.append(
                    ImportProblem(
                        line: line, column: FacultyField.beacon.rawValue,
                        problem: "\(beacon) stands in line \(earlier) already",
                        remedy: "a beacon is worn by one person: correct one of the two"))
            }
        }
        return hasTwin
    }

    /// Whether an earlier row is about the same person, to the eye. A row with an id of its own is about another
    /// person.
    private mutating func noteTwin(_ entry: FacultyEntry, line: Int) -> Bool {
        guard let earlier = lineOfPerson.updateValue(lineOfPerson[entry.key] ?? line, forKey: entry.key),
            entry.id == nil
        else {
            return false
        }
        problems.append(
            ImportProblem(
                line: line, column: FacultyField.name.rawValue,
                problem: "\(entry.profile.name.quoted) of this department stands in line \(earlier) already",
                remedy: "leave the row out; if it is another person, give the row an id of its own"))
        return true
    }

    private static func problem(_ fault: CSVReader.Fault, _ header: ImportHeader?) -> ImportProblem {
        ImportProblem(
            line: fault.line, column: header?.name(at: fault.position), problem: fault.kind.problem,
            remedy: fault.kind.remedy)
    }
}
