// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Whether a recorded history is one that the promises allow.
///
/// Three passes. In time: what an answer obliges later answers to. Over revisions: each has one content, the state
/// after the commits up to it. And where answers carry no revision, a search in each cell for an order that explains
/// them.
///
/// Takes O(n log n + n·c) for n operations that cover c cells each. The search takes O(n·2ᵖ) for p operations of a cell
/// that overlap, and gives up beyond a bound; it runs only on cells that need it.
///
/// Sound: what it reports can't have happened in a system that keeps the promises. It doesn't see everything: where
/// several writes of unknown outcome might explain one value, one that does is believed.
package enum Checker {
    package static func check(_ history: History) -> Report {
        var report = Report()
        let index = HistoryIndex(history)
        index.checkEvents(&report)
        TimeRules(index).check(&report)
        let contents = Contents(index, &report)
        var sweep = RevisionSweep(index, contents)
        sweep.check(&report)
        RegisterSearch.check(index, &report)
        return report
    }
}
