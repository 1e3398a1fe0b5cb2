// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain

/// Writes a history, one operation per line. Times are microseconds; revisions belong to the lineage `lineage1` by
/// default.
struct Script {
    private(set) var history: History
    static let lineage = lineage("lineage1")

    /// Makes a history that begins at revision 10.
    init(_ values: [Cell: Token] = [room1: "a0", room2: "b0"]) {
        history = History(origins: [.init(tag: at(10), values: values)])
    }

    static func lineage(_ name: String) -> Lineage {
        guard let lineage = Lineage(name) else { preconditionFailure("no lineage: \(name)") }
        return lineage
    }

    mutating func write(
        _ client: String, _ time: ClosedRange<Int>, _ effects: [Cell: Token], _ outcome: Write.Outcome,
        event: String? = nil
    ) {
        add(client, time, .write(Write(effects, event: event, outcome: outcome)))
    }

    mutating func write(
        _ client: String, _ time: ClosedRange<Int>, _ effects: [Cell: Token], _ revision: Int64, event: String? = nil
    ) {
        write(client, time, effects, .committed(at(revision)), event: event)
    }

    mutating func read(
        _ client: String, _ time: ClosedRange<Int>, _ wants: Read.Freshness, _ revision: Int64?,
        _ values: [Cell: Token]
    ) {
        add(client, time, .read(Read(wants, .state(revision.map { at($0) }, values))))
    }

    mutating func read(_ client: String, _ time: ClosedRange<Int>, _ revision: Int64, _ values: [Cell: Token]) {
        read(client, time, .any, revision, values)
    }

    mutating func answer(
        _ client: String, _ time: ClosedRange<Int>, _ wants: Read.Freshness, _ answer: Read.Answer
    ) {
        add(client, time, .read(Read(wants, answer)))
    }

    mutating func frame(
        _ client: String, _ time: Int, _ kind: Frame.Kind, _ tag: RevisionTag, _ values: [Cell: Token] = [:]
    ) {
        add(client, time...time, .frame(Frame(kind, tag, values)))
    }

    mutating func frame(
        _ client: String, _ time: Int, _ kind: Frame.Kind, _ revision: Int64, _ values: [Cell: Token] = [:]
    ) {
        frame(client, time, kind, at(revision), values)
    }

    mutating func end(_ revision: Int64, _ values: [Cell: Token], counts: [Cell: Int] = [:]) {
        history.final = .init(tag: at(revision), values: values, counts: counts)
    }

    /// Begins another lineage here.
    mutating func restore(_ tag: RevisionTag, _ values: [Cell: Token]) {
        history.origins.append(.init(tag: tag, values: values))
    }

    private mutating func add(_ client: String, _ time: ClosedRange<Int>, _ kind: Consistency.Operation.Kind) {
        history.operations.append(
            Operation(
                id: history.operations.count, client: client,
                invoked: Moment(nanoseconds: Int64(time.lowerBound) * 1000),
                responded: Moment(nanoseconds: Int64(time.upperBound) * 1000), kind: kind))
    }

    func check() -> Report { Checker.check(history) }
}

func at(_ revision: Int64, _ lineage: String? = nil) -> RevisionTag {
    RevisionTag(lineage: lineage.map(Script.lineage) ?? Script.lineage, revision: Revision(revision))
}

let room1 = Cell(.number(1), "room")
let room2 = Cell(.number(2), "room")

extension FacultyID {
    static func number(_ value: Int64) -> FacultyID {
        guard let id = FacultyID(value) else { preconditionFailure("no id: \(value)") }
        return id
    }
}
