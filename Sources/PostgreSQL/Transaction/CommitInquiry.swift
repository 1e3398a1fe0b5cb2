// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// What is to be believed of a COMMIT whose answer was lost, from what a server says about the transaction's number
/// later.
enum CommitInquiry {
    enum Verdict: Equatable {
        case committed
        case aborted
        /// It is still running there: ask again.
        case undecided
        /// No answer of this server proves anything.
        case unknowable
    }

    /// What `pg_xact_status` said.
    enum Status: Equatable {
        case committed
        case aborted
        case inProgress
        /// The number hasn't been given out: the server refuses it.
        case future
        /// So old that its end is not kept.
        case forgotten
    }

    /// Judges `status`, asked of a server with the past `found`, about a transaction begun on one with the past
    /// `begun`.
    ///
    /// After a crash the number may have been given out again, to a transaction that says nothing about ours: unless
    /// ours had reached the disk. So "committed" proves nothing then; every other answer does, since a commit that was
    /// durable could not be answered so.
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

    /// Asks over a link that was opened after the answer was lost.
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
