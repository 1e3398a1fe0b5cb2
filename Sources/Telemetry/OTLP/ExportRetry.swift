// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Decides what follows a failed export (OTLP 1.5, "OTLP/HTTP Response" and "Throttling"). Pure.
struct ExportRetry: Sendable {
    /// How an attempt ended.
    enum Outcome: Sendable, Hashable {
        /// The collector has accepted the spans, except `rejected` of them.
        case taken(rejected: Int)
        case status(Int, retryAfter: Duration?)
        /// The collector gave no answer.
        case noAnswer(String)
    }

    enum Decision: Sendable, Hashable {
        case done(rejected: Int)
        case again(after: Duration)
        case giveUp(String)
    }

    static let attempts = 5
    private static let base = Duration.milliseconds(500)
    private static let cap = Duration.seconds(8)
    /// Bounds the wait that a collector asks for. New spans wait in a bounded buffer meanwhile.
    static let longestRetryAfter = Duration.seconds(30)

    /// - Parameters:
    ///   - attempt: from 1.
    ///   - random: from 0 up to 1, for the jitter.
    static func decide(_ outcome: Outcome, attempt: Int, random: Double) -> Decision {
        switch outcome {
        case .taken(let rejected): return .done(rejected: rejected)
        case .status(let status, _) where ![429, 502, 503, 504].contains(status):
            return .giveUp("the collector answered \(status)")
        case .status(let status, _) where attempt >= attempts: return .giveUp("the collector answered \(status)")
        case .noAnswer(let text) where attempt >= attempts: return .giveUp(text)
        case .status(_, .some(let wait)): return .again(after: min(max(wait, .zero), longestRetryAfter))
        case .status, .noAnswer:
            let ceiling = min(cap, base * (1 << (attempt - 1)))
            return .again(after: ceiling / 2 + ceiling / 2 * random)
        }
    }

    /// The seconds of a Retry-After field; its other form, a date, counts as none.
    static func retryAfter(_ text: String?) -> Duration? {
        text.flatMap { Int($0.trimmingPrefix { $0 == " " }) }.map { .seconds($0) }
    }
}
