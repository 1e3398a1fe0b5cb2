// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Metrics
import Rules
import Wire

/// The metrics of ingest. The metrics back end that the command installs exports them.
enum IngestMetrics {
    /// Why a message was never read.
    enum Displacement: String, CaseIterable {
        case newerWords = "newer-words"
        case answersTooMany = "answers-too-many"
    }

    private static let displaced: [Displacement: Counter] = Dictionary(
        uniqueKeysWithValues: Displacement.allCases.map {
            ($0, Counter(label: "consultease.ingest.displaced", dimensions: [("reason", $0.rawValue)]))
        })
    static func count(_ reason: Displacement, _ messages: Int) { displaced[reason]?.increment(by: messages) }

    static let unrecorded = Counter(label: "consultease.ingest.unrecorded")
    static let lost = Counter(label: "consultease.ingest.lost")
    static let retries = Counter(label: "consultease.ingest.retries")
    static let batch = Recorder(label: "consultease.ingest.batch.messages")
    /// From the start of a batch's transaction to its durable end, with its retries.
    static let commit = Timer(label: "consultease.ingest.commit")
    /// From the message's arrival to its commit.
    private static let latency = Timer(label: "consultease.update.committed")
    private static let accepted = Counter(label: "consultease.ingest.messages", dimensions: [("outcome", "accepted")])
    private static let duplicate = Counter(label: "consultease.ingest.messages", dimensions: [("outcome", "duplicate")])
    private static let refused: [RefusalReason: Counter] = Dictionary(
        uniqueKeysWithValues: RefusalReason.allCases.map { reason in
            (
                reason,
                Counter(
                    label: "consultease.ingest.messages",
                    dimensions: [("outcome", "refused"), ("reason", reason.rawValue)])
            )
        })

    static func count(_ verdict: Verdict, waited: Span) {
        latency.recordMilliseconds(waited.milliseconds)
        switch verdict {
        case .accepted(let acceptance): (acceptance.isDuplicate ? duplicate : accepted).increment()
        case .refused(let refusal): refused[refusal.reason]?.increment()
        }
    }
}
