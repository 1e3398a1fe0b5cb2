// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// The values seen at each revision, each with its first witness: the input of the sweep. Building it also finds two
/// different contents of one revision, and values that no client had committed.
struct Contents {
    /// One revision: for each cell the token and the operation that saw it, or `nothing`.
    struct Row {
        var tokens: [Int]
        var witnesses: [Int]

        static let nothing = -1
        /// Stands for the final state instead of an operation.
        static let final = -2

        init(cells: Int) {
            tokens = Array(repeating: Self.nothing, count: cells)
            witnesses = tokens
        }
    }

    private(set) var rows: [Lineage: [Revision: Row]] = [:]
    private let index: HistoryIndex
    private let originTokens: Set<HistoryIndex.CellToken>
    /// Whether the first values of every lineage are known.
    private let hasAllOrigins: Bool

    init(_ index: HistoryIndex, _ report: inout Report) {
        self.index = index
        let history = index.history
        originTokens = Set(history.origins.flatMap { index.numbered($0.values) })
        hasAllOrigins = index.lineages.isSubset(of: history.origins.map(\.tag.lineage))
        for (number, operation) in history.operations.enumerated() {
            guard case .read(let read) = operation.kind, case .state(let tag, let values) = read.answer else {
                continue
            }
            for pair in index.numbered(values) {
                checkCommitted(pair, operation, &report)
                if let tag { see(pair, at: tag, number, &report) }
            }
        }
        followStreams(&report)
        if let final = history.final {
            for pair in index.numbered(final.values) {
                checkCommitted(pair, nil, &report)
                see(pair, at: final.tag, Row.final, &report)
            }
        }
    }

    private mutating func see(
        _ pair: HistoryIndex.CellToken, at tag: RevisionTag, _ witness: Int, _ report: inout Report
    ) {
        let seen = rows[tag.lineage, default: [:]][tag.revision, default: Row(cells: index.cells.count)].note(
            pair, witness)
        guard let seen else { return }
        let operations = [seen.witness, witness].filter { $0 >= 0 }.map { index.history.operations[$0] }
        let other = HistoryIndex.CellToken(cell: pair.cell, token: seen.token)
        report.note(.oneContent, "\(tag) has \(index.text(other)) and \(index.text(pair))", operations)
    }

    /// Reports a token that no client committed before it was seen. `operation` is nil for the final state.
    private func checkCommitted(_ pair: HistoryIndex.CellToken, _ operation: Operation?, _ report: inout Report) {
        let writers = index.writers[pair] ?? []
        let live = writers.filter { index.writes[$0].certainty != .failed }
        if originTokens.contains(pair) { return }
        let seen = operation.map { [$0] } ?? []
        if live.isEmpty {
            if let failed = writers.first {
                report.note(.committedOnly, "\(index.text(pair)) failed", seen + [index.operation(of: failed)])
            } else if hasAllOrigins {
                report.note(.committedOnly, "no client wrote \(index.text(pair))", seen)
            }
        } else if let responded = operation?.responded, live.allSatisfy({ index.writes[$0].invoked > responded }) {
            report.note(
                .notBeforeItBegins, "\(index.text(pair)) was seen too soon", seen + [index.operation(of: live[0])])
        }
    }

    private struct Stream {
        var tokens: [Int]
        var lineage: Lineage?
        var awaitsSnapshot = false
    }

    /// Computes each subscriber's whole state at each frame's revision, from the frames so far.
    private mutating func followStreams(_ report: inout Report) {
        let operations = index.history.operations
        let frames = operations.indices.filter { if case .frame = operations[$0].kind { true } else { false } }
        var streams: [String: Stream] = [:]
        for number in frames.sorted(by: { (operations[$0].invoked, $0) < (operations[$1].invoked, $1) }) {
            let operation = operations[number]
            guard case .frame(let frame) = operation.kind else { continue }
            let nothing = Array(repeating: Row.nothing, count: index.cells.count)
            var stream = streams[operation.client] ?? Stream(tokens: nothing)
            let isNew = stream.lineage.map { $0 != frame.tag.lineage } ?? false
            if frame.kind == .change, stream.awaitsSnapshot || isNew {
                report.note(.freshStart, "a change where a snapshot has to come", [operation])
            }
            if frame.kind != .change { stream.tokens = nothing }
            stream.awaitsSnapshot = frame.kind == .reset
            stream.lineage = frame.tag.lineage
            for pair in index.shown[number] {
                checkCommitted(pair, operation, &report)
                stream.tokens[pair.cell] = pair.token
            }
            streams[operation.client] = stream
            guard frame.kind != .reset else { continue }
            for (cell, token) in stream.tokens.enumerated() where token != Row.nothing {
                see(HistoryIndex.CellToken(cell: cell, token: token), at: frame.tag, number, &report)
            }
        }
    }
}

extension Contents.Row {
    /// Notes what a witness saw; returns what another one saw there before, if that differs.
    fileprivate mutating func note(
        _ pair: HistoryIndex.CellToken, _ witness: Int
    ) -> (token: Int, witness: Int)? {
        let known = tokens[pair.cell]
        guard known != Self.nothing else {
            tokens[pair.cell] = pair.token
            witnesses[pair.cell] = witness
            return nil
        }
        return known == pair.token ? nil : (known, witnesses[pair.cell])
    }
}
