// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Metrics

/// How often machines' edits met another's, and what came of it.
package enum ConflictMetrics {
    private static let retried = Counter(label: "consultease.versions.conflicts", dimensions: [("outcome", "retried")])
    private static let exhausted = Counter(
        label: "consultease.versions.conflicts", dimensions: [("outcome", "exhausted")])

    @Sendable
    package static func count(_ outcome: RetryingEdit.Outcome) {
        switch outcome {
        case .retried: retried.increment()
        case .exhausted: exhausted.increment()
        }
    }
}
