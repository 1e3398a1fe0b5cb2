// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Polls until `condition` holds. Throws `DeadlineExceeded` if it doesn't within `limit`, which is a generous bound and
/// not a measure.
///
/// - Parameter what: a description of the condition and the current state, read at the end.
package func eventually(
    within limit: Duration = .seconds(60), _ what: @autoclosure () -> String = "condition",
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw DeadlineExceeded(what: what()) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Reports that what a test waited for did not happen.
package struct DeadlineExceeded: Error, CustomStringConvertible {
    package let what: String

    package var description: String { "waited too long for: \(what)" }
}
