// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

extension Timekeeper {
    /// How many people's evidence one transaction refreshes.
    static let evidencePiece: Int64 = 250
    /// How many units or samples one reading transaction looks at, and how many rows one writing transaction removes.
    static let forgetPiece: Int64 = 500
    /// How many units one writing transaction cleans up: each may have several hundred rows.
    private static let unitPiece = 25
    /// The rest after each piece, in lengths of the piece: ingest has the database for most of the time.
    private static let restShare = 4

    /// Commits the age of evidence of people whose shown minute differs, a bounded number of people a transaction.
    ///
    /// The search only reads, so a pass in which nothing differs writes nothing. A standby takes over only
    /// those whom two passes of a leader would have refreshed.
    func refreshEvidence() async throws {
        var after: FacultyID?
        repeat {
            let last = after
            let lag = store.leavesTimeToAnother ? Span(Self.interval * 2) : .zero
            let people = try await store.read {
                try AvailabilityRepository($0).staleEvidence(after: last, lag: lag, limit: Self.evidencePiece)
            }
            guard !people.isEmpty else { return }
            try await restingAfter(share: Self.restShare) {
                try await store.write { try AvailabilityRepository($0).mark(people) }
            }
            after = people.last
        } while !Task.isCancelled
    }

    /// Removes what is old enough to be forgotten, a bounded number of rows a transaction, on the leader alone: nothing
    /// depends on when it is done. What has to go is looked for page by page, by reading.
    func forget() async throws {
        guard !store.leavesTimeToAnother else { return }
        try await forgetSamples()
        try await forgetOrderState()
    }

    private func forgetSamples() async throws {
        var after: Int64?
        repeat {
            let last = after
            let page = try await store.read {
                try RefusalRepository($0).samplePage(after: last, count: Self.forgetPiece)
            }
            if !page.old.isEmpty {
                try await restingAfter(share: Self.restShare) {
                    try await store.write { try RefusalRepository($0).dropOldSamples(page.old) }
                }
            }
            after = page.next
        } while after != nil && !Task.isCancelled
    }

    private func forgetOrderState() async throws {
        var after: String?
        repeat {
            let last = after
            let page = try await store.read {
                try WorldRepository($0).orderStatePage(after: last, count: Self.forgetPiece)
            }
            for start in stride(from: 0, to: page.units.count, by: Self.unitPiece) {
                try await forgetOrderState(of: Array(page.units[start...].prefix(Self.unitPiece)))
            }
            after = page.next
        } while after != nil && !Task.isCancelled
    }

    private func forgetOrderState(of units: [String]) async throws {
        var count: Int
        repeat {
            count = try await restingAfter(share: Self.restShare) {
                try await store.write {
                    try WorldRepository($0).dropOldOrderState(of: units, atMost: Self.forgetPiece)
                }.value
            }
        } while count >= Int(Self.forgetPiece) && !Task.isCancelled
    }
}
