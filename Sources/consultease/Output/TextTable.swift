// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Rows under a heading, columns aligned, for a terminal.
struct TextTable {
    private var rows: [[String]]

    init(_ heading: String...) {
        rows = [heading]
    }

    mutating func add(_ cells: String?...) {
        rows.append(cells.map { $0 ?? "–" })
    }

    func print() {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        for row in rows {
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            Swift.print(line)
        }
    }
}
