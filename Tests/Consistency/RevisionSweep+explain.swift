// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

extension RevisionSweep {
    /// Reports why a value is wrong.
    func explain(
        _ cell: Int, _ token: Int, _ row: Contents.Row, at tag: RevisionTag, _ expected: [Candidate],
        _ report: inout Report
    ) {
        let pair = HistoryIndex.CellToken(cell: cell, token: token)
        let seen = row.witnesses[cell] >= 0 ? [index.history.operations[row.witnesses[cell]]] : []
        let writers = (index.writers[pair] ?? []).filter { index.writes[$0].certainty != .failed }
        let missing = expected.first?.write
        let what = "at \(tag) \(index.text(pair))" + (seen.isEmpty ? " in the end" : "")
        let named = { (writes: [Int?]) in seen + writes.compactMap { $0.map(index.operation(of:)) } }

        if let missing, index.writes[missing].effects.contains(where: { isShown($0, besides: cell, in: row) }) {
            report.note(.wholeTransaction, "\(what) beside other cells of that transaction", named([missing]))
        } else if let shown = writers.first(where: { (index.writes[$0].revision?.revision ?? .none) > tag.revision }) {
            let isHalf = index.writes[shown].effects.contains { effect in
                row.tokens[effect.cell] != Contents.Row.nothing && row.tokens[effect.cell] != effect.token
            }
            report.note(isHalf ? .wholeTransaction : .stateAfter, "\(what) before its commit", named([shown]))
        } else if let again = writers.first(where: { index.writes[$0].deliveries.count > 1 }) {
            report.note(.appliedOnce, "\(what) came back after it was replaced", named([again, missing]))
        } else if let lost = missing, index.writes[lost].certainty == .committed, seen.isEmpty {
            report.note(.acknowledgedIsKept, "\(what) instead of what was acknowledged", named([writers.first, lost]))
        } else if !writers.isEmpty || (index.writers[pair] ?? []).isEmpty {
            // A value that only failed writes can have written is reported where it was seen.
            let instead = expected.first.map { index.text(.init(cell: cell, token: $0.token)) } ?? "nothing"
            report.note(.stateAfter, "\(what) instead of \(instead)", named([writers.first, missing]))
        }
    }

    private func isShown(_ effect: HistoryIndex.CellToken, besides cell: Int, in row: Contents.Row) -> Bool {
        effect.cell != cell && row.tokens[effect.cell] == effect.token
    }
}
