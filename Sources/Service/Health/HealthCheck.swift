// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// One thing that must hold before this server may be relied on.
package struct HealthCheck: Sendable, Hashable {
    /// `database`, `leader`, `broker`, `queue`, `ingest`, `board`: stable names, for monitors.
    package let name: String
    /// Nil if it holds.
    package let failure: Failure?
    /// The public detail: how the check holds, or more about why it fails. Nil if there is nothing to add.
    package let detail: String?

    package struct Failure: Sendable, Hashable {
        /// For an operator; no secrets.
        package let detail: String
        package let since: Timestamp

        package init(detail: String, since: Timestamp) {
            self.detail = detail
            self.since = since
        }
    }

    package init(name: String, failure: Failure? = nil, detail: String? = nil) {
        self.name = name
        self.failure = failure
        self.detail = detail
    }
}

/// Asks everything that readiness is made of.
package protocol Readiness: Sendable {
    func checks() async -> [HealthCheck]

    /// `starting`, `leading` or `standing by`; nil if the server has no part among several.
    var role: String? { get }
}

extension Readiness {
    package var role: String? { nil }
}
