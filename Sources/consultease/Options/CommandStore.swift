// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Store

/// The database for the length of one command, beside a running server or without one.
enum CommandStore {
    static func with<Value>(
        _ data: DataOptions, _ body: (Store, Settings) async throws -> Value
    ) async throws -> Value {
        let settings = try await Settings.resolve(data.flags)
        let store = try await OpenedStore.forCommand(settings)
        // Whether or not the connections end well: what was committed is durable.
        defer { try? store.close() }
        do {
            return try await body(store, settings)
        } catch let error as SQLError {
            throw remedied(error, settings)
        }
    }

    /// What an operator can do something about, with what; anything else as it is.
    private static func remedied(_ error: SQLError, _ settings: Settings) -> any Error {
        switch error.code {
        case .busy, .conflict, .timeout:
            CommandError(
                "other programs have kept \(settings.database) busy for too long: try again, nothing was written")
        case .connectionLost:
            CommandError("the connection to \(settings.database) was lost: try again, nothing was written")
        case .unknownOutcome:
            CommandError(
                "the connection to \(settings.database) was lost at the very end: look whether it was written before you try again"
            )
        case .storage, .cannotOpen:
            CommandError(
                "\(settings.database) can't be read or written (\(error)): is it yours, and is there space? `consultease doctor` looks"
            )
        case .constraint, .unexpectedValue, .statement, .notLeader, .other:
            error
        }
    }
}
