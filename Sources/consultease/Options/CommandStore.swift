// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Store

/// Opens the database for one command, beside a running server or without one.
enum CommandStore {
    static func with<Value>(
        _ data: DataOptions, _ body: (Store, Settings) async throws -> Value
    ) async throws -> Value {
        let settings = try await Settings.resolve(data.flags)
        let store: Store
        do {
            store = try await OpenedStore.forCommand(settings)
        } catch let error as SQLError {
            throw FailureInWords.database(error, settings.database, backupsIn: settings.dataFolder)
        }
        // Commits are durable, so a failed close loses nothing.
        defer { try? store.close() }
        do {
            return try await body(store, settings)
        } catch let error as SQLError {
            throw FailureInWords.database(error, settings.database, backupsIn: settings.dataFolder)
        }
    }
}
