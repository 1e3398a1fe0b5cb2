// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Finds the name that a misspelt one was probably meant to be.
enum NearName {
    /// The known name that differs least from `text`; nil if all of them differ much.
    static func of(_ text: String, among known: [String]) -> String? {
        let text = text.lowercased()
        // Allows one edit in a short word, three in a long one.
        let limit = min(3, max(1, text.count / 3))
        return known.map { ($0, distance(text, $0.lowercased())) }.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
    }

    /// The edit distance: inserted, removed, replaced letters, and swaps of neighbours.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0...right.count)]
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var least = min(
                    rows[row][column + 1] + 1, next[column] + 1, rows[row][column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    least = min(least, rows[row - 1][column - 1] + 1)
                }
                next.append(least)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }

    /// Returns the suggestion for an error text, with a space before it; empty if no name is near.
    static func question(_ text: String, among known: [String]) -> String {
        of(text, among: known).map { ": did you mean `\($0)`?" } ?? ""
    }
}
