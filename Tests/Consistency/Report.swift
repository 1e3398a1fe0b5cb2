// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The rules that every history of the system must keep: promises 1 to 5 and 8, as an observer can see them.
package enum Rule: String, Sendable, CaseIterable {
    /// Promise 2.
    case oneContent = "a revision has exactly one content"
    case ownRevision = "no two commits share a revision"
    case realTimeOrder = "a write that begins after an answer gets a higher revision"
    /// Promise 3.
    case stateAfter = "what is read at a revision is the state after it"
    case wholeTransaction = "a transaction is seen whole or not at all"
    case committedOnly = "only what was committed is seen"
    case notBeforeItBegins = "nothing is seen before it was asked for"
    case neverBack = "no client is shown an older state than before"
    case atLeast = "a read that asks for a revision sees it"
    case ownWrite = "a client that has written reads its write"
    case newest = "the database has what was answered before"
    case freshStart = "a number from another lineage is never believed"
    /// Promises 1 and 5.
    case acknowledgedIsKept = "what was acknowledged is kept, in an order that the answers allow"
    /// Promise 8.
    case appliedOnce = "an event takes effect once"
}

/// One broken rule, and the evidence.
package struct Violation: Sendable, CustomStringConvertible {
    package let rule: Rule
    package let detail: String
    /// The operations that contradict each other.
    package let operations: [Operation]

    package var description: String {
        (["\(rule.rawValue): \(detail)"] + operations.map { "    \($0)" }).joined(separator: "\n")
    }
}

/// The result of a check.
package struct Report: Sendable, CustomStringConvertible {
    /// At most `largestCount` violations, in the order in which they were found.
    package internal(set) var violations: [Violation] = []
    /// Cells whose search exceeded its bound: neither accepted nor refused.
    package internal(set) var undecided: [Cell] = []

    package static let largestCount = 100

    /// Whether everything was decided, and nothing was wrong.
    package var isAccepted: Bool { violations.isEmpty && undecided.isEmpty }

    package var rules: Set<Rule> { Set(violations.map(\.rule)) }

    package var description: String {
        if isAccepted { return "accepted" }
        var lines = violations.prefix(5).map(\.description)
        if violations.count > 5 { lines.append("and \(violations.count - 5) more") }
        if !undecided.isEmpty { lines.append("undecided: \(undecided.map(\.description).joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }

    mutating func note(_ rule: Rule, _ detail: @autoclosure () -> String, _ operations: [Operation]) {
        guard violations.count < Self.largestCount else { return }
        violations.append(Violation(rule: rule, detail: detail(), operations: operations))
    }
}
