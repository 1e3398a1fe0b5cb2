// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Computes the state after each revision from the commits, and compares it with what was seen, in one sweep over each
/// lineage.
///
/// A write without a known revision is placed where its value is first seen: after the former value, and in all of its
/// cells at once.
struct RevisionSweep {
    let index: HistoryIndex
    private let contents: Contents
    /// Writes that were placed at a revision that no answer told; each happens once, in one lineage.
    private var placed: Set<Int> = []

    init(_ index: HistoryIndex, _ contents: Contents) {
        self.index = index
        self.contents = contents
    }

    /// The values that a cell may have now.
    private struct CellState {
        /// Empty if the value is unknown; several if writes of one revision, or without one, may have either order.
        var candidates: [Candidate] = []
        /// The latest revision at which a candidate may have taken effect.
        var setAt = Revision.none
        /// The last commit with a known revision.
        var committedAt = Revision.none
        var seenAt = Revision.none
    }

    struct Candidate {
        let token: Int
        let write: Int?
    }

    /// The progress of the sweep over one lineage.
    private struct Progress {
        let lineage: Lineage
        var states: [CellState]
        /// The commits with known revisions so far, in their order.
        var commits: [(revision: Revision, write: Int)] = []
    }

    mutating func check(_ report: inout Report) {
        for lineage in index.lineages.sorted(by: { $0.rawValue < $1.rawValue }) { sweep(lineage, &report) }
    }

    private mutating func sweep(_ lineage: Lineage, _ report: inout Report) {
        var progress = Progress(
            lineage: lineage, states: Array(repeating: CellState(), count: index.cells.count))
        var first = Revision.none
        if let origin = index.history.origins.first(where: { $0.tag.lineage == lineage }) {
            first = origin.tag.revision
            for pair in index.numbered(origin.values) {
                progress.states[pair.cell] = CellState(
                    candidates: [Candidate(token: pair.token, write: nil)], setAt: first, committedAt: first,
                    seenAt: first)
            }
        }
        var commits: [Revision: [Int]] = [:]
        for (number, write) in index.writes.enumerated() where write.certainty == .committed && !write.effects.isEmpty {
            guard let tag = write.revision, tag.lineage == lineage else { continue }
            commits[tag.revision, default: []].append(number)
        }
        let rows = contents.rows[lineage] ?? [:]
        for revision in Set(commits.keys).union(rows.keys).sorted() where revision >= first {
            let tag = RevisionTag(lineage: lineage, revision: revision)
            if let writes = commits[revision] { commit(writes, at: tag, &progress, &report) }
            if let row = rows[revision] { compare(row, at: tag, &progress, &report) }
        }
    }

    private func commit(
        _ writes: [Int], at tag: RevisionTag, _ progress: inout Progress, _ report: inout Report
    ) {
        if writes.count > 1, writes.contains(where: { !index.writes[$0].mayShareRevision }) {
            report.note(.ownRevision, "\(tag) belongs to several", writes.prefix(4).map { index.operation(of: $0) })
        }
        for write in writes { progress.commits.append((tag.revision, write)) }
        for cell in Set(writes.flatMap { index.writes[$0].effects.map(\.cell) }) {
            let touching = writes.filter { index.writes[$0].effects.contains { $0.cell == cell } }
            let last = touching.filter { write in !touching.contains { isBefore(write, $0) } }
            progress.states[cell].candidates = last.compactMap { write in
                index.token(of: write, in: cell).map { Candidate(token: $0, write: write) }
            }
            progress.states[cell].setAt = tag.revision
            progress.states[cell].committedAt = tag.revision
        }
    }

    /// Returns whether one write was certainly before another: its answer came before the other's request, or the same
    /// client asked for it first.
    private func isBefore(_ first: Int, _ second: Int) -> Bool {
        guard first != second, index.writes[first].certainty == .committed else { return false }
        if let responded = index.writes[first].responded, responded < index.writes[second].invoked { return true }
        let (one, other) = (index.operation(of: first), index.operation(of: second))
        return one.client == other.client && (one.invoked, one.id) < (other.invoked, other.id)
    }

    private mutating func compare(
        _ row: Contents.Row, at tag: RevisionTag, _ progress: inout Progress, _ report: inout Report
    ) {
        var found: [Int] = []
        var earliest = tag.revision
        for (cell, token) in row.tokens.enumerated() where token != Contents.Row.nothing {
            let state = progress.states[cell]
            if state.candidates.isEmpty || state.candidates.contains(where: { $0.token == token }) { continue }
            let pair = HistoryIndex.CellToken(cell: cell, token: token)
            guard let write = unplaced(pair, after: state) else { continue }
            found.append(write)
            earliest = min(earliest, state.committedAt, state.seenAt)
            place(write, seenIn: cell, at: tag.revision, &progress)
        }
        if found.count > 1 || (found.count == 1 && progress.commits.last.map { $0.revision > earliest } == true) {
            checkOrder(of: found, after: earliest, row, at: tag, progress, &report)
        }
        for (cell, token) in row.tokens.enumerated() where token != Contents.Row.nothing {
            if progress.states[cell].candidates.isEmpty {
                let write = index.writers[HistoryIndex.CellToken(cell: cell, token: token)]?.first
                progress.states[cell].candidates = [Candidate(token: token, write: write)]
            } else if let shown = progress.states[cell].candidates.first(where: { $0.token == token }) {
                if progress.states[cell].candidates.count > 1 { progress.states[cell].candidates = [shown] }
            } else {
                explain(cell, token, row, at: tag, progress.states[cell].candidates, &report)
                continue
            }
            progress.states[cell].seenAt = tag.revision
        }
    }

    /// Returns a write without a known place that explains a value.
    private func unplaced(_ pair: HistoryIndex.CellToken, after state: CellState) -> Int? {
        let present = state.candidates.compactMap(\.write)
        return index.writers[pair]?.first { write in
            index.writes[write].isUnplaced && !placed.contains(write) && !present.contains { isBefore(write, $0) }
        }
    }

    /// Places a write at or before `revision`, after the former value of the cell in which it is seen.
    private mutating func place(_ write: Int, seenIn cell: Int, at revision: Revision, _ progress: inout Progress) {
        placed.insert(write)
        let after = max(progress.states[cell].committedAt, progress.states[cell].seenAt)
        for effect in index.writes[write].effects {
            let candidate = Candidate(token: effect.token, write: write)
            if progress.states[effect.cell].setAt <= after {
                progress.states[effect.cell].candidates = [candidate]
            } else {
                // The value there may have come before or after this write.
                progress.states[effect.cell].candidates.append(candidate)
            }
            progress.states[effect.cell].setAt = revision
        }
    }

    /// Checks that one order of the writes just placed, and of the commits among them, explains all cells of a row: the
    /// value seen in a cell is that of its last write.
    private func checkOrder(
        of found: [Int], after earliest: Revision, _ row: Contents.Row, at tag: RevisionTag, _ progress: Progress,
        _ report: inout Report
    ) {
        let known = progress.commits.suffix(Self.longestLookBack).filter { $0.revision > earliest }
        var writes = found + known.map(\.write)
        let winners: [(cell: Int, write: Int)] = row.tokens.enumerated().compactMap { cell, token in
            writes.last { index.token(of: $0, in: cell) == token }.map { (cell, $0) }
        }
        let revisions = Dictionary(known.map { ($0.write, $0.revision) }) { first, _ in first }
        let comesBefore = { (first: Int, second: Int) -> Bool in
            if let one = revisions[first], let other = revisions[second], one < other { return true }
            return winners.contains { cell, winner in
                winner == second && first != second && index.token(of: first, in: cell) != nil
            }
        }
        // Removes each write that no other must precede; the writes that remain form a cycle.
        while let next = writes.firstIndex(where: { write in !writes.contains { comesBefore($0, write) } }) {
            writes.remove(at: next)
        }
        guard !writes.isEmpty else { return }
        let seen = Set(winners.map { row.witnesses[$0.cell] }.filter { $0 >= 0 }).sorted()
        report.note(
            .wholeTransaction, "no order of these explains what is seen at \(tag)",
            seen.prefix(2).map { index.history.operations[$0] } + writes.map { index.operation(of: $0) })
    }

    /// Bounds the cost of a row; a cycle over more commits than this goes unnoticed.
    private static let longestLookBack = 32
}
