// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Decides whether some order explains what a cell's readers saw in the database, if answers carry no revision. It
/// searches for one linearization (Wing and Gong 1993), and keeps the set of states that are possible so far (Lowe
/// 2017).
///
/// An operation takes effect at one moment between request and answer; a write of unknown outcome takes effect at any
/// moment after its request, or never.
struct RegisterSearch {
    /// One operation of the cell's history, in order of time.
    private struct Entry {
        let invoked: Moment
        let responded: Moment?
        let token: Int
        let isWrite: Bool
        let operation: Operation?
    }

    /// One possible course so far: the cell's value, and the pending entries that have taken effect.
    private struct Configuration: Hashable {
        var token: Int
        var done: UInt64
    }

    /// Bounds the configurations that are examined for one answer.
    private static let bound = 20_000

    private let entries: [Entry]
    /// Entries that are asked for but not answered; a slot's index is its bit in `Configuration.done`.
    private var slots: [Int?] = []
    private static let mostSlots = 64
    private var configurations: Set<Configuration>
    private var isUndecided = false
    private var failure: Entry?

    /// Searches the cells that need it: those with an answer without a revision.
    static func check(_ index: HistoryIndex, _ report: inout Report) {
        // A restore may rightly lose what was acknowledged.
        guard index.lineages.count <= 1 else { return }
        var entries: [Int: [Entry]] = [:]
        var needed: Set<Int> = []
        for write in index.writes where write.certainty != .failed {
            for effect in write.effects {
                if write.certainty == .committed, write.revision == nil { needed.insert(effect.cell) }
                entries[effect.cell, default: []].append(
                    Entry(
                        invoked: write.invoked, responded: write.certainty == .committed ? write.responded : nil,
                        token: effect.token, isWrite: true, operation: index.history.operations[write.deliveries[0]]))
            }
        }
        for (number, operation) in index.history.operations.enumerated() {
            guard let read = operation.read, read.wants == .newest, case .state(let tag, _) = read.answer,
                operation.responded != nil
            else { continue }
            for pair in index.shown[number] {
                if tag == nil { needed.insert(pair.cell) }
                entries[pair.cell, default: []].append(
                    Entry(
                        invoked: operation.invoked, responded: operation.responded, token: pair.token, isWrite: false,
                        operation: operation))
            }
        }
        let end = Moment(nanoseconds: .max)
        for pair in index.history.final.map({ index.numbered($0.values) }) ?? [] {
            entries[pair.cell, default: []].append(
                Entry(invoked: end, responded: end, token: pair.token, isWrite: false, operation: nil))
        }
        let origins = index.history.origins.first.map { index.numbered($0.values) } ?? []
        for cell in needed.sorted() {
            let first = origins.first { $0.cell == cell }?.token
            var search = RegisterSearch(entries[cell] ?? [], from: first)
            search.run()
            search.conclude(cell, index, &report)
        }
    }

    /// Makes a search. Without a `first` value, any value that was read may have been the first.
    private init(_ entries: [Entry], from first: Int?) {
        // A write that may never have happened and was never seen explains nothing.
        let read = Set(entries.filter { !$0.isWrite }.map(\.token))
        self.entries = entries.filter { !$0.isWrite || $0.responded != nil || read.contains($0.token) }
        configurations = Set((first.map { [$0] } ?? read).map { Configuration(token: $0, done: 0) })
    }

    private mutating func run() {
        var lastRead: [Int: Moment] = [:]
        for entry in entries where !entry.isWrite {
            lastRead[entry.token] = max(lastRead[entry.token] ?? entry.invoked, entry.responded ?? entry.invoked)
        }
        var points: [(moment: Moment, step: Step, entry: Int)] = []
        for (number, entry) in entries.enumerated() {
            points.append((entry.invoked, .ask, number))
            if let responded = entry.responded {
                points.append((responded, .answer, number))
            } else {
                // A write of unknown outcome matters only as long as a reader may see it.
                points.append((max(entry.invoked, lastRead[entry.token] ?? entry.invoked), .forget, number))
            }
        }
        points.sort { ($0.moment, $0.step.rawValue, $0.entry) < ($1.moment, $1.step.rawValue, $1.entry) }
        for point in points where failure == nil && !isUndecided {
            guard point.step != .ask else {
                ask(point.entry)
                continue
            }
            guard let slot = slots.firstIndex(of: point.entry) else { continue }
            if point.step == .answer { require(slot, point.entry) }
            free(slot)
        }
    }

    /// The steps, in the order in which they are processed if they have the same time.
    private enum Step: Int {
        case ask
        case answer
        case forget
    }

    private mutating func ask(_ entry: Int) {
        if let slot = slots.firstIndex(of: nil) {
            slots[slot] = entry
        } else if slots.count < Self.mostSlots {
            slots.append(entry)
        } else {
            isUndecided = true
        }
        if !entries[entry].isWrite { configurations = Set(configurations.map(withReads)) }
    }

    private mutating func free(_ slot: Int) {
        slots[slot] = nil
        configurations = Set(
            configurations.map { Configuration(token: $0.token, done: $0.done & ~(UInt64(1) << UInt64(slot))) })
    }

    /// Keeps the configurations in which the entry of `slot` has taken effect by now.
    private mutating func require(_ slot: Int, _ entry: Int) {
        let bit = UInt64(1) << UInt64(slot)
        var found: Set<Configuration> = []
        var visited = configurations
        var open = Array(configurations)
        while let configuration = open.popLast() {
            if configuration.done & bit != 0 {
                found.insert(configuration)
                continue
            }
            for (other, pending) in slots.enumerated() {
                guard let pending, entries[pending].isWrite, configuration.done & (UInt64(1) << UInt64(other)) == 0
                else { continue }
                let next = withReads(
                    Configuration(
                        token: entries[pending].token, done: configuration.done | UInt64(1) << UInt64(other)))
                if visited.insert(next).inserted { open.append(next) }
            }
            if visited.count > Self.bound {
                isUndecided = true
                return
            }
        }
        if found.isEmpty { failure = entries[entry] } else { configurations = found }
    }

    /// Counts pending reads of the current value as done, which excludes no later step.
    private func withReads(_ configuration: Configuration) -> Configuration {
        var next = configuration
        for (slot, pending) in slots.enumerated() {
            guard let pending, !entries[pending].isWrite else { continue }
            let bit = UInt64(1) << UInt64(slot)
            if next.token == entries[pending].token { next.done |= bit }
        }
        return next
    }

    private func conclude(_ cell: Int, _ index: HistoryIndex, _ report: inout Report) {
        if isUndecided { report.undecided.append(index.cells[cell]) }
        guard let failure else { return }
        let possible = Set(configurations.map(\.token)).map { index.tokens[$0].text }.sorted()
        let what = index.text(HistoryIndex.CellToken(cell: cell, token: failure.token))
        let holder = entries.last { entry in
            entry.isWrite && entry.responded != nil && configurations.contains { $0.token == entry.token }
        }
        report.note(
            .acknowledgedIsKept,
            "no order explains \(what)\(failure.operation == nil ? " in the end" : ""), where there can be "
                + possible.joined(separator: " or "),
            [failure.operation, holder?.operation].compactMap { $0 })
    }
}
