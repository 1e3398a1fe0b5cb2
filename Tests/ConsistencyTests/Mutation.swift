// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import Randomness
import TestSupport

/// A fault planted in a correct history. No system that keeps the promises could give the result.
enum Mutation: String, CaseIterable {
    case staleValue
    case earlyRevision
    case atLeastMissed
    case reusedRevision
    case swappedRevisions
    case failedAfterAll
    case seenTooSoon
    case lostInTheEnd
    case lostWithoutRevision
    case countedOnceMore
    case streamBackwards
    case readerBackwards
    case appliedTwice

    /// Returns nil if the history has no place for this fault.
    func applied(to history: History, using generator: inout SeededGenerator) -> History? {
        var changed = history
        let facts = HistoryFacts(history)
        switch self {
        case .staleValue:
            guard let (number, cell, shown) = facts.sightings.randomElement(using: &generator),
                let older = facts.commits(of: cell).last(where: { $0.revision < shown.revision })
            else { return nil }
            changed.operations[number].replace(cell, by: older.token)
        case .earlyRevision:
            guard let (number, _, shown) = facts.sightings.randomElement(using: &generator) else { return nil }
            changed.operations[number].replaceTag(by: at(shown.revision.number - 1))
        case .atLeastMissed:
            let reads = facts.numbers { operation in
                if case .atLeast = operation.readOut?.wants { operation.toldRevision != nil } else { false }
            }
            guard let number = reads.randomElement(using: &generator), var read = history.operations[number].readOut,
                let revision = history.operations[number].toldRevision
            else { return nil }
            read.wants = .atLeast(at(revision.number + 1))
            changed.operations[number].kind = .read(read)
        case .reusedRevision:
            guard let (first, second) = facts.pairOfCommits(using: &generator, { _, _ in true }) else { return nil }
            changed.operations[second].replaceTag(by: at(facts.revision(first)))
        case .swappedRevisions:
            let pair = facts.pairOfCommits(using: &generator) { first, second in
                first.responded.map { $0 < second.invoked } ?? false
            }
            guard let (first, second) = pair else { return nil }
            changed.operations[first].replaceTag(by: at(facts.revision(second)))
            changed.operations[second].replaceTag(by: at(facts.revision(first)))
        case .failedAfterAll:
            let shown = Set(facts.sightings.map(\.shown.operation)).sorted()
            guard
                let number = shown.filter({ history.operations[$0].written?.event == nil }).randomElement(
                    using: &generator),
                var write = history.operations[number].written
            else { return nil }
            write.outcome = .failed
            changed.operations[number].kind = .write(write)
        case .seenTooSoon:
            guard let (number, _, shown) = facts.sightings.randomElement(using: &generator) else { return nil }
            let moment = Moment(nanoseconds: history.operations[shown.operation].invoked.nanoseconds - 1)
            changed.operations[number].invoked = moment
            changed.operations[number].responded = moment
        case .lostInTheEnd:
            guard let (cell, last, older) = facts.replacedInTheEnd().randomElement(using: &generator),
                last.revision > older.revision
            else { return nil }
            changed.final?.values[cell] = older.token
        case .lostWithoutRevision:
            guard let (cell, token) = facts.lostWithoutRevision().randomElement(using: &generator) else { return nil }
            changed.final?.values[cell] = token
        case .countedOnceMore:
            guard let cell = history.final?.counts.keys.sorted().randomElement(using: &generator) else { return nil }
            changed.final?.counts[cell] = facts.largestCount(of: cell) + 1
        case .streamBackwards, .readerBackwards:
            guard
                let (first, second) = facts.steps(ofStreams: self == .streamBackwards).randomElement(using: &generator)
            else { return nil }
            let (one, other) = (history.operations[first], history.operations[second])
            (changed.operations[first].invoked, changed.operations[first].responded) = (other.invoked, other.responded)
            (changed.operations[second].invoked, changed.operations[second].responded) = (one.invoked, one.responded)
        case .appliedTwice:
            guard let number = facts.repeatedDuplicates().randomElement(using: &generator),
                var write = history.operations[number].written, case .duplicate(let tag) = write.outcome
            else { return nil }
            write.outcome = .committed(tag)
            changed.operations[number].kind = .write(write)
        }
        return changed
    }
}

/// The facts about a history that a mutation needs to break it with certainty.
struct HistoryFacts {
    let history: History

    init(_ history: History) {
        self.history = history
        var commits: [Cell: [Commit]] = [:]
        for (number, operation) in history.operations.enumerated() {
            guard let write = operation.written, case .committed(let tag?) = write.outcome else { continue }
            for (cell, token) in write.effects {
                commits[cell, default: []].append(Commit(operation: number, revision: tag.revision, token: token))
            }
        }
        all = commits.mapValues { $0.sorted { $0.revision < $1.revision } }
    }

    /// A commit with a known revision.
    struct Commit {
        let operation: Int
        let revision: Revision
        let token: Token
    }

    private let all: [Cell: [Commit]]

    func commits(of cell: Cell) -> [Commit] { all[cell] ?? [] }

    func numbers(_ condition: (Consistency.Operation) -> Bool) -> [Int] {
        history.operations.indices.filter { condition(history.operations[$0]) }
    }

    func revision(_ operation: Int) -> Int64 { history.operations[operation].toldRevision?.number ?? 0 }

    /// The reads and frames that show a commit with a known revision.
    var sightings: [(number: Int, cell: Cell, shown: Commit)] {
        var found: [(Int, Cell, Commit)] = []
        for (number, operation) in history.operations.enumerated() where operation.toldRevision != nil {
            for (cell, token) in operation.shownValues.sorted(by: { $0.key < $1.key }) {
                if let commit = commits(of: cell).first(where: { $0.token == token }) {
                    found.append((number, cell, commit))
                }
            }
        }
        return found
    }

    /// Returns two separate transactions with known revisions, the lower one first.
    func pairOfCommits(
        using generator: inout SeededGenerator,
        _ condition: (Consistency.Operation, Consistency.Operation) -> Bool
    ) -> (Int, Int)? {
        let own = numbers { operation in
            guard let write = operation.written, write.event == nil, case .committed(_?) = write.outcome else {
                return false
            }
            return true
        }.sorted { revision($0) < revision($1) }
        let pairs = zip(own, own.dropFirst()).filter { condition(history.operations[$0], history.operations[$1]) }
        return pairs.randomElement(using: &generator)
    }

    func replacedInTheEnd() -> [(cell: Cell, last: Commit, older: Commit)] {
        all.sorted { $0.key < $1.key }.compactMap { cell, commits in
            guard let last = commits.last, history.final?.values[cell] == last.token,
                let older = commits.last(where: { $0.revision < last.revision })
            else { return nil }
            return (cell, last, older)
        }
    }

    /// Returns cells whose last write got an answer without a revision, and a token that it certainly replaced.
    func lostWithoutRevision() -> [(Cell, Token)] {
        (history.final?.values ?? [:]).sorted { $0.key < $1.key }.compactMap { cell, token in
            let last = history.operations.first { operation in
                guard let write = operation.written, case .committed(nil) = write.outcome else { return false }
                return write.effects[cell] == token
            }
            guard let last else { return nil }
            let older = history.operations.last { operation in
                guard let write = operation.written, write.effects[cell] != nil, let responded = operation.responded,
                    case .committed = write.outcome
                else { return false }
                return responded < last.invoked
            }
            return (older?.written?.effects[cell]).map { (cell, $0) }
        }
    }

    func largestCount(of cell: Cell) -> Int {
        numbers { $0.written?.effects[cell] != nil }.count
    }

    /// Returns pairs of operations of one reader or stream that were shown rising revisions, one after the other.
    func steps(ofStreams: Bool) -> [(Int, Int)] {
        let told = numbers { operation in
            if case .frame = operation.kind { return ofStreams }
            return !ofStreams && operation.readOut != nil && operation.toldRevision != nil
        }
        return Dictionary(grouping: told) { history.operations[$0].client }.sorted { $0.key < $1.key }.flatMap {
            _, own in
            zip(own, own.dropFirst()).filter { revision($0) < revision($1) }
        }
    }

    /// Returns deliveries that were answered as duplicates of an applied one.
    func repeatedDuplicates() -> [Int] {
        let applied = Set(
            history.operations.compactMap { operation -> String? in
                guard let write = operation.written, case .committed = write.outcome else { return nil }
                return write.event
            })
        return numbers { operation in
            guard let write = operation.written, let event = write.event, case .duplicate = write.outcome else {
                return false
            }
            return applied.contains(event)
        }
    }
}

extension Consistency.Operation {
    var toldRevision: Revision? {
        switch kind {
        case .write(let write):
            switch write.outcome {
            case .committed(let tag), .duplicate(let tag): tag?.revision
            case .failed, .unknown: nil
            }
        case .read(let read):
            if case .state(let tag, _) = read.answer { tag?.revision } else { nil }
        case .frame(let frame): frame.tag.revision
        }
    }

    var shownValues: [Cell: Token] {
        switch kind {
        case .write: [:]
        case .read(let read):
            if case .state(_, let values) = read.answer { values } else { [:] }
        case .frame(let frame): frame.values
        }
    }

    mutating func replace(_ cell: Cell, by token: Token) {
        switch kind {
        case .write: return
        case .read(var read):
            guard case .state(let tag, var values) = read.answer else { return }
            values[cell] = token
            read.answer = .state(tag, values)
            kind = .read(read)
        case .frame(var frame):
            frame.values[cell] = token
            kind = .frame(frame)
        }
    }

    mutating func replaceTag(by tag: RevisionTag) {
        switch kind {
        case .write(var write):
            write.outcome = .committed(tag)
            kind = .write(write)
        case .read(var read):
            guard case .state(_, let values) = read.answer else { return }
            read.answer = .state(tag, values)
            kind = .read(read)
        case .frame(var frame):
            frame.tag = tag
            kind = .frame(frame)
        }
    }
}
