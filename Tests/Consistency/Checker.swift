// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Decides whether the promises allow a recorded history.
///
/// It makes three passes. The first goes through time: each answer limits later answers. The second goes through
/// revisions: each has one content, the state after the commits up to it. The third searches, in each cell whose
/// answers carry no revision, for an order that explains them.
///
/// The passes take O(n log n + n·c) for n operations that cover c cells each. The search takes O(n·2ᵖ) for p operations
/// of a cell that overlap, and gives up beyond a bound; it runs only on cells that need it.
///
/// The checker is sound: a reported violation can't have happened in a system that keeps the promises. It doesn't find
/// every violation: if several writes of unknown outcome could explain a value, it accepts any of them.
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
