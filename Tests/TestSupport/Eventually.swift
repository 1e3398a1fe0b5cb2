// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Asks until `condition` holds. Throws `DeadlineExceeded` where it doesn't within `limit`: a generous bound, not a
/// measure.
///
/// - Parameter what: what is waited for, and how it stands; read at the end.
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

/// What a test waited for did not come.
package struct DeadlineExceeded: Error, CustomStringConvertible {
    package let what: String

    package var description: String { "waited too long for: \(what)" }
}
