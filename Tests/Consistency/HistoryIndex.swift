// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// A history whose cells and tokens have small numbers, and whose writes are grouped by event.
struct HistoryIndex {
    let history: History
    private(set) var cells: [Cell] = []
    private(set) var tokens: [Token] = []
    private(set) var writes: [WriteFacts] = []
    /// The index in `writes` of each writing operation.
    private(set) var writeOfOperation: [Int: Int] = [:]
    /// The writes of each cell and token.
    private(set) var writers: [CellToken: [Int]] = [:]
    /// The cells and tokens that each operation shows.
    private(set) var shown: [[CellToken]] = []
    private(set) var lineages: Set<Lineage> = []
    private var cellNumbers: [Cell: Int] = [:]
    private var tokenNumbers: [Token: Int] = [:]

    struct CellToken: Hashable {
        let cell: Int
        let token: Int
    }

    /// One write, whatever the number of its deliveries.
    struct WriteFacts {
        /// Indexes into the history's operations, first delivery first.
        var deliveries: [Int]
        let effects: [CellToken]
        let mayShareRevision: Bool
        /// When the first delivery was asked for.
        var invoked: Moment
        /// When the first answer said that the write is durable.
        var responded: Moment?
        /// The revision of its commit, if an answer told it.
        var revision: RevisionTag?
        var certainty: Certainty

        enum Certainty {
            case committed
            case unknown
            case failed
        }

        /// Whether the sweep must find out when the write took effect.
        var isUnplaced: Bool { certainty != .failed && revision == nil }
    }

    init(_ history: History) {
        self.history = history
        for origin in history.origins {
            lineages.insert(origin.tag.lineage)
            intern(origin.values)
        }
        if let final = history.final {
            lineages.insert(final.tag.lineage)
            intern(final.values)
        }
        var events: [String: Int] = [:]
        shown.reserveCapacity(history.operations.count)
        for (number, operation) in history.operations.enumerated() {
            if let tag = operation.tag { lineages.insert(tag.lineage) }
            var pairs: [CellToken] = []
            switch operation.kind {
            case .write(let write): add(write, number, operation, &events)
            case .read(let read):
                if case .state(_, let values) = read.answer { pairs = intern(values) }
            case .frame(let frame): pairs = intern(frame.values)
            }
            shown.append(pairs)
        }
    }

    private mutating func add(_ write: Write, _ number: Int, _ operation: Operation, _ events: inout [String: Int]) {
        let position: Int
        if let event = write.event, let known = events[event] {
            position = known
            writes[known].deliveries.append(number)
            writes[known].invoked = min(writes[known].invoked, operation.invoked)
        } else {
            position = writes.count
            if let event = write.event { events[event] = position }
            let effects = write.effects.map { CellToken(cell: intern($0.key), token: intern($0.value)) }
            writes.append(
                WriteFacts(
                    deliveries: [number], effects: effects.sorted { $0.cell < $1.cell },
                    mayShareRevision: write.mayShareRevision, invoked: operation.invoked, responded: nil, revision: nil,
                    certainty: .failed))
            for effect in effects { writers[effect, default: []].append(position) }
        }
        writeOfOperation[number] = position
        writes[position].learn(write.outcome, at: operation.responded)
    }

    @discardableResult
    private mutating func intern(_ values: [Cell: Token]) -> [CellToken] {
        values.map { CellToken(cell: intern($0.key), token: intern($0.value)) }
    }

    private mutating func intern(_ cell: Cell) -> Int {
        if let number = cellNumbers[cell] { return number }
        cellNumbers[cell] = cells.count
        cells.append(cell)
        return cells.count - 1
    }

    private mutating func intern(_ token: Token) -> Int {
        if let number = tokenNumbers[token] { return number }
        tokenNumbers[token] = tokens.count
        tokens.append(token)
        return tokens.count - 1
    }

    /// Returns the numbers of cells and tokens. Every one in the history has a number.
    func numbered(_ values: [Cell: Token]) -> [CellToken] {
        values.compactMap { cell, token in
            guard let cell = cellNumbers[cell], let token = tokenNumbers[token] else { return nil }
            return CellToken(cell: cell, token: token)
        }
    }

    func operation(of write: Int) -> Operation { history.operations[writes[write].deliveries[0]] }

    /// Returns the token that a write puts into a cell; nil if it doesn't touch the cell.
    func token(of write: Int, in cell: Int) -> Int? {
        writes[write].effects.first { $0.cell == cell }?.token
    }

    func text(_ pair: CellToken) -> String { "\(cells[pair.cell]) = \(tokens[pair.token])" }
}

extension HistoryIndex.WriteFacts {
    fileprivate mutating func learn(_ outcome: Write.Outcome, at responded: Moment?) {
        switch outcome {
        case .committed(let tag):
            certainty = .committed
            revision = [revision, tag].compactMap { $0 }.min { $0.revision < $1.revision }
            self.responded = [self.responded, responded].compactMap { $0 }.min()
        case .duplicate:
            certainty = .committed
            self.responded = [self.responded, responded].compactMap { $0 }.min()
        case .unknown:
            if certainty == .failed { certainty = .unknown }
        case .failed: break
        }
    }
}

extension HistoryIndex {
    /// Checks that at most one delivery of an event applied it, and that a counting row counted each event once.
    func checkEvents(_ report: inout Report) {
        for write in writes where write.deliveries.count > 1 {
            let applied = write.deliveries.map { history.operations[$0] }.filter {
                if case .committed = $0.write?.outcome { true } else { false }
            }
            if applied.count > 1 {
                report.note(
                    .appliedOnce, "\(applied.count) deliveries were answered as the one that applies it", applied)
            }
        }
        guard let final = history.final else { return }
        for (cell, count) in final.counts.sorted(by: { $0.key < $1.key }) {
            let touching = writes.filter { write in
                write.certainty != .failed && write.effects.contains { cells[$0.cell] == cell }
            }
            let certain = touching.count { $0.certainty == .committed }
            if count > touching.count {
                report.note(.appliedOnce, "\(cell) counts \(count) writes, of \(touching.count) that can have been", [])
            } else if count < certain {
                report.note(
                    .acknowledgedIsKept, "\(cell) counts \(count) writes, of \(certain) that were acknowledged", [])
            }
        }
    }
}
