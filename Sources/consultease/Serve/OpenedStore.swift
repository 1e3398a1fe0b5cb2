// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store

/// How commands come to a `Store`.
enum OpenedStore {
    /// For a server: makes the database where there is none, and upgrades an older one. `isDemo` must match what it is.
    static func forServing(_ settings: Settings, isDemo: Bool, time: (any TimeSource)? = nil) async throws -> Store {
        let engine = try SQLiteEngine.file(at: settings.databasePath)
        var generator = SystemRandomNumberGenerator()
        let (from, _) = try await Migrator.migrate(engine, lineage: Lineage(using: &generator))
        let store = try await store(engine, time)
        if isDemo, from == 0 { try await store.write { try Meta.markDemo($0.connection) } }
        guard try await store.read({ try Meta.isDemo($0.connection) }) == isDemo else {
            throw StartError(
                isDemo
                    ? "\(settings.databasePath) holds real data: a demo never writes there. Choose another --data folder"
                    : "\(settings.databasePath) was made by `consultease demo`: choose another --data folder")
        }
        return store
    }

    /// For a command beside a running server, or without one: never migrates.
    static func forCommand(_ settings: Settings) async throws -> Store {
        guard FileManager.default.fileExists(atPath: settings.databasePath) else {
            throw StartError(
                "there is no database at \(settings.databasePath): start `consultease serve` once, or name its folder with --data"
            )
        }
        return try await store(try SQLiteEngine.file(at: settings.databasePath))
    }

    static func store(_ engine: SQLiteEngine, _ time: (any TimeSource)? = nil) async throws -> Store {
        if let time { return try await Store(engine: engine, time: time) }
        let lastCommitted = try await engine.read { try Store.lastCommit($0) }
        return try await Store(engine: engine, time: SteadyTime(wall: wallClock, lastCommitted: lastCommitted))
    }

    /// The name of the server's session at a broker: made once, and as secret as a password.
    static func mqttClientID(_ store: Store) async throws -> String {
        try await store.write { transaction in
            if let known = try Meta.value("mqtt_client_id", transaction.connection) { return known }
            var generator = SystemRandomNumberGenerator()
            let made = "consultease-\(Lineage(using: &generator))\(Lineage(using: &generator))"
            try Meta.set("mqtt_client_id", made, transaction.connection)
            return made
        }.value
    }

    /// UTC as the machine has it.
    @Sendable
    static func wallClock() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
