// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Judges a COMMIT whose answer was lost, from what a server later reports about the transaction's number.
enum CommitInquiry {
    enum Verdict: Equatable {
        case committed
        case aborted
        /// The transaction is still running there: ask again.
        case undecided
        /// No answer of this server proves anything.
        case unknowable
    }

    /// The answer of `pg_xact_status`.
    enum Status: Equatable {
        case committed
        case aborted
        case inProgress
        /// The server refuses the number, because it has not assigned it yet.
        case future
        /// The transaction is so old that its outcome is no longer kept.
        case forgotten
    }

    /// Judges the `status` reported by a server with the history `found`, for a transaction begun on one with the
    /// history `begun`.
    ///
    /// After a crash, the number of a transaction that had not reached the disk may be assigned to another one. So
    /// "committed" then proves nothing. Every other answer does: a durably committed transaction could not get it.
    static func judge(_ status: Status, begun: ServerPast, found: ServerPast) -> Verdict {
        guard found.isSameCluster(as: begun) else { return .unknowable }
        let hasCrashed = found.crashMark != begun.crashMark
        switch status {
        case .committed: return hasCrashed ? .unknowable : .committed
        case .aborted: return .aborted
        case .inProgress: return hasCrashed ? .aborted : .undecided
        case .future: return hasCrashed ? .aborted : .unknowable
        case .forgotten: return .unknowable
        }
    }

    /// Asks over a connection opened after the answer was lost.
    static func ask(_ transaction: UnansweredCommit, over link: PostgresConnection) throws(SQLError) -> Verdict {
        judge(try status(of: transaction.number, over: link), begun: transaction.past, found: link.past)
    }

    private static func status(of number: UInt64, over link: PostgresConnection) throws(SQLError) -> Status {
        do {
            switch try link.row("SELECT pg_xact_status('\(number)'::xid8)").get(0, as: String?.self) {
            case "committed": return .committed
            case "aborted": return .aborted
            case "in progress": return .inProgress
            default: return .forgotten
            }
        } catch  where error.code == .constraint {
            // 22023: "transaction ID … is in the future"
            return .future
        }
    }
}
