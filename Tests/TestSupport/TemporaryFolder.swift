// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Foundation

/// Runs `body` with a new folder, which is removed afterwards.
package func withTemporaryFolder<Value>(
    _ body: (URL) async throws -> Value
) async throws -> Value {
    let url = FileManager.default.temporaryDirectory.appending(path: "ce-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url)
}
