// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// How many log lines of one sort may be written, so that a flood of bad messages doesn't become a flood of lines.
/// Pure.
struct LineBudget: Sendable {
    private let limit: Int
    private let window: Span
    private var began: Timestamp?
    private var used = 0
    private var withheld = 0

    /// `limit` lines in each `window`.
    init(_ limit: Int = 20, in window: Span = .minutes(1)) {
        self.limit = limit
        self.window = window
    }

    /// How many lines were withheld since the last one, if one may be written now; nil if it may not.
    mutating func take(at now: Timestamp) -> Int? {
        if began.map({ now - $0 >= window || now < $0 }) ?? true {
            began = now
            used = 0
        }
        guard used < limit else {
            withheld += 1
            return nil
        }
        used += 1
        defer { withheld = 0 }
        return withheld
    }
}
