// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import PostgreSQL
import SQLite
import Store

/// What a server does for its database beside using it: on PostgreSQL it looks for sessions of other programs that keep
/// it from writing, on SQLite after a write-ahead log that grows.
struct DatabaseCare: Sendable {
    private let blocking: BlockingWatch?
    private let log: WriteAheadLogWatch?

    init(_ store: Store, _ settings: Settings, logger: Logger) {
        blocking = (store.engine as? PostgreSQLEngine).map { engine in
            BlockingWatch(
                engine: engine, limit: settings.blockLimit, isLeader: { !store.leavesTimeToAnother }, logger: logger)
        }
        log = (store.engine as? SQLiteEngine).flatMap { WriteAheadLogWatch($0, settings.database, logger: logger) }
    }

    /// Runs until cancelled.
    func run() async {
        // It is one or the other.
        await blocking?.run()
        await log?.run()
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    /// The session that keeps the server from writing, in words for people; nil while none does.
    var blockers: String? { blocking?.words }
}
