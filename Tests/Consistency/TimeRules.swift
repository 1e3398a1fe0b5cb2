// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Checks what each answer demands of later answers, in one pass in the order of time.
///
/// An operation is before another if its answer came strictly before the other's request; if they overlap, either may
/// be first.
struct TimeRules {
    private let index: HistoryIndex
    private var operations: [Operation] { index.history.operations }

    init(_ index: HistoryIndex) {
        self.index = index
    }

    /// The highest revision of each lineage, and the operation that was told it.
    private struct Marks {
        private(set) var marks: [Lineage: (revision: Revision, operation: Int)] = [:]

        mutating func raise(_ tag: RevisionTag, _ operation: Int) {
            if let mark = marks[tag.lineage], mark.revision >= tag.revision { return }
            marks[tag.lineage] = (tag.revision, operation)
        }

        /// Returns the operation that was told a higher revision than `tag`, or the same one if `strictly`.
        func ahead(of tag: RevisionTag, strictly: Bool = false) -> Int? {
            guard let mark = marks[tag.lineage] else { return nil }
            return mark.revision > tag.revision || (strictly && mark.revision == tag.revision) ? mark.operation : nil
        }
    }

    private struct Client {
        var seen = Marks()
        var written = Marks()
        /// The highest revision of the client's writes so far, answered or not.
        var asked = Marks()
        var lineage: (name: Lineage, operation: Int)?
        var former: [Lineage: Int] = [:]

        mutating func learn(_ tag: RevisionTag, _ operation: Operation, _ number: Int) {
            if operation.write == nil { seen.raise(tag, number) } else { written.raise(tag, number) }
            if let known = lineage, known.name != tag.lineage { former[known.name] = known.operation }
            lineage = (tag.lineage, number)
        }
    }

    private enum Point {
        case asked(Int)
        case answered(Int)
    }

    func check(_ report: inout Report) {
        checkFuture(&report)
        var clients: [String: Client] = [:]
        var everybody = Marks()
        for point in points() {
            switch point {
            case .asked(let number):
                let operation = operations[number]
                var client = clients[operation.client] ?? Client()
                check(number, operation, &client, everybody, &report)
                clients[operation.client] = client
            case .answered(let number):
                guard let tag = operations[number].tag else { continue }
                everybody.raise(tag, number)
                clients[operations[number].client, default: Client()].learn(tag, operations[number], number)
            }
        }
        guard let final = index.history.final, let ahead = everybody.ahead(of: final.tag) else { return }
        report.note(.acknowledgedIsKept, "the database ends at \(final.tag)", [operations[ahead]])
    }

    /// Returns requests before answers if both have the same time, because they then overlap.
    private func points() -> [Point] {
        let asked = operations.indices.sorted { (operations[$0].invoked, $0) < (operations[$1].invoked, $1) }
        let answered = operations.indices.compactMap { number in operations[number].responded.map { ($0, number) } }
            .sorted { $0 < $1 }
        var points: [Point] = []
        points.reserveCapacity(asked.count + answered.count)
        var next = 0
        for number in asked {
            while next < answered.count, answered[next].0 < operations[number].invoked {
                points.append(.answered(answered[next].1))
                next += 1
            }
            points.append(.asked(number))
        }
        return points + answered[next...].map { .answered($0.1) }
    }

    private func check(
        _ number: Int, _ operation: Operation, _ client: inout Client, _ everybody: Marks, _ report: inout Report
    ) {
        if let tag = operation.tag, let before = client.former[tag.lineage] {
            report.note(
                .neverBack, "\(operation.client) had left the lineage \(tag.lineage)", [operations[before], operation])
        }
        switch operation.kind {
        case .write(let write): check(write, number, operation, &client, everybody, &report)
        case .read(let read): check(read, operation, client, everybody, &report)
        case .frame(let frame):
            if let before = client.seen.ahead(of: frame.tag), frame.kind != .reset {
                report.note(.neverBack, "\(frame.tag) after a higher one", [operations[before], operation])
            }
        }
    }

    private func check(
        _ write: Write, _ number: Int, _ operation: Operation, _ client: inout Client, _ everybody: Marks,
        _ report: inout Report
    ) {
        guard let tag = operation.tag else { return }
        var isOwn = false
        if case .committed = write.outcome { isOwn = !write.effects.isEmpty }
        if let before = everybody.ahead(of: tag, strictly: isOwn) {
            report.note(.realTimeOrder, "\(tag) isn't higher", [operations[before], operation])
        } else if isOwn, let before = client.asked.ahead(of: tag, strictly: !write.mayShareRevision) {
            report.note(.realTimeOrder, "\(operation.client) asked later", [operations[before], operation])
        }
        if isOwn { client.asked.raise(tag, number) }
    }

    private func check(
        _ read: Read, _ operation: Operation, _ client: Client, _ everybody: Marks, _ report: inout Report
    ) {
        if case .atLeast(let wanted) = read.wants { check(read, atLeast: wanted, operation, &report) }
        guard let tag = operation.tag else { return }
        if let before = client.written.ahead(of: tag) {
            report.note(.ownWrite, "\(tag) is older", [operations[before], operation])
        }
        if let before = client.seen.ahead(of: tag) {
            report.note(.neverBack, "\(tag) after a higher one", [operations[before], operation])
        }
        if read.wants == .newest, let before = everybody.ahead(of: tag) {
            report.note(.newest, "\(tag) is older", [operations[before], operation])
        }
    }

    private func check(_ read: Read, atLeast wanted: RevisionTag, _ operation: Operation, _ report: inout Report) {
        switch read.answer {
        case .state(let tag?, _):
            if tag.lineage != wanted.lineage {
                report.note(.freshStart, "\(wanted) was taken for a revision of \(tag.lineage)", [operation])
            } else if tag.revision < wanted.revision {
                report.note(.atLeast, "asked for \(wanted), got \(tag)", [operation])
            }
        case .otherLineage:
            if index.lineages == [wanted.lineage] {
                report.note(.freshStart, "there is no other lineage than \(wanted.lineage)", [operation])
            }
        case .state(nil, _), .unavailable, .failed: break
        }
    }

    /// Checks that no answer's revision includes a commit that was asked for later: a revision includes all commits up
    /// to it.
    private func checkFuture(_ report: inout Report) {
        var commits: [Lineage: [(revision: Revision, asked: Moment, write: Int)]] = [:]
        for (number, write) in index.writes.enumerated() {
            guard write.certainty == .committed, let tag = write.revision, !write.effects.isEmpty else { continue }
            commits[tag.lineage, default: []].append((tag.revision, write.invoked, number))
        }
        for lineage in commits.keys {
            commits[lineage]?.sort { $0.revision < $1.revision }
            // From here on, `asked` is the latest request up to this revision.
            var latest: (asked: Moment, write: Int)?
            for position in (commits[lineage] ?? []).indices {
                guard let commit = commits[lineage]?[position] else { continue }
                if let known = latest, known.asked >= commit.asked {
                    commits[lineage]?[position] = (commit.revision, known.asked, known.write)
                } else {
                    latest = (commit.asked, commit.write)
                }
            }
        }
        for operation in operations {
            guard let tag = operation.tag, let responded = operation.responded, let list = commits[tag.lineage],
                let last = list.lastIndex(upTo: tag.revision), list[last].asked > responded
            else { continue }
            report.note(
                .notBeforeItBegins, "\(tag) was told before that was asked for",
                [operation, index.operation(of: list[last].write)])
        }
    }
}

extension Array where Element == (revision: Revision, asked: Moment, write: Int) {
    /// Returns the last index whose revision is at most `revision`, in a sorted array.
    fileprivate func lastIndex(upTo revision: Revision) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
