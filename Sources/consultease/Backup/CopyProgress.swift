// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Store
import Synchronization

/// Shows the progress of a copy on standard error: a bar on a terminal, otherwise one line a second.
final class CopyProgress: Sendable {
    private let what: String
    private let isTerminal: Bool
    private let notice = ProgressNotice()
    private let drawn = Mutex(Drawn())

    private struct Drawn {
        var at: ContinuousClock.Instant?
        var length = 0
    }

    private static let interval = Duration.milliseconds(100)
    private static let barWidth = 30

    /// - Parameter what: as in "Backing up".
    init(_ what: String) {
        self.what = what
        isTerminal = isatty(STDERR_FILENO) == 1
    }

    /// Any thread may call this.
    func show(_ progress: Copier.Progress) {
        guard isTerminal else {
            notice.say("\(what): \(progress.rows) of \(progress.total) rows")
            return
        }
        drawn.withLock { drawn in
            let now = ContinuousClock.now
            let isLast = progress.rows >= progress.total
            guard isLast || drawn.at.map({ $0.duration(to: now) >= Self.interval }) ?? true else { return }
            let line = Self.line(what, progress)
            let blanks = String(repeating: " ", count: max(0, drawn.length - line.count))
            drawn = Drawn(at: now, length: line.count)
            FileHandle.standardError.write(Data("\r\(line)\(blanks)".utf8))
        }
    }

    /// Erases the bar.
    func end() {
        drawn.withLock { drawn in
            guard drawn.length > 0 else { return }
            FileHandle.standardError.write(Data("\r\(String(repeating: " ", count: drawn.length))\r".utf8))
            drawn.length = 0
        }
    }

    private static func line(_ what: String, _ progress: Copier.Progress) -> String {
        let total = max(progress.total, 1)
        let done = Int(min(progress.rows, total) * Int64(barWidth) / total)
        let bar = String(repeating: "█", count: done) + String(repeating: "░", count: barWidth - done)
        return "\(what) \(bar) \(min(progress.rows, total) * 100 / total) %  \(progress.rows) rows"
    }
}
