// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

/// The database for the length of one command, beside a running server or without one.
enum CommandStore {
    static func with<Value>(
        _ data: DataOptions, _ body: (Store, Settings) async throws -> Value
    ) async throws -> Value {
        let settings = try await Settings.resolve(data)
        let store = try await OpenedStore.forCommand(settings)
        // Whether or not the connections end well: what was committed is durable.
        defer { try? store.close() }
        return try await body(store, settings)
    }
}

extension Store {
    /// A revision as scripts pass it to the API's `?at-least=`.
    func tag(_ revision: Revision) -> String {
        RevisionTag(lineage: lineage, revision: revision).description
    }
}
