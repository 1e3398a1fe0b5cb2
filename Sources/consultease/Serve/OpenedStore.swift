// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Logging
import PostgreSQL
import SQL
import SQLite
import Store

/// How commands come to a `Store`.
enum OpenedStore {
    /// The engine that a location names. A SQLite file is made if there is none; nothing else is.
    ///
    /// Never inlined: otherwise the optimiser of Swift 6.3.1 crashes while it splits the caller.
    @inline(never)
    static func engine(for location: DatabaseLocation, logger: Logger = quiet) async throws -> any Engine {
        switch location {
        case .sqlite(let path): try SQLiteEngine.file(at: path)
        case .postgreSQL(let configuration):
            try await PostgreSQLEngine.open(configuration: configuration, logger: logger)
        }
    }

    /// For a server: makes the database if there is none, and upgrades an older one. `isDemo` must match what it is.
    ///
    /// - Parameter beginsAnew: whether an empty database is made although the folder has served another: see
    ///   `FormerLife`.
    static func forServing(
        _ settings: Settings, isDemo: Bool, beginsAnew: Bool = false, time: (any TimeSource)? = nil, logger: Logger
    ) async throws -> Store {
        // Looked at before SQLite makes a file.
        let former = FormerLife(settings)
        if !isDemo { try requireOneOrNone(settings, former, beginsAnew: beginsAnew, logger: logger) }
        let engine = try await engine(for: settings.database, logger: logger)
        if !isDemo, try await !engine.read({ try Migrator.isMade($0) }) {
            try former.requireNone(beginsAnew: beginsAnew)
        }
        let from = try await UpgradeBackup.upgraded(engine, settings, logger: logger)
        let store = try await store(engine, time)
        if !isDemo { note(store, settings, logger: logger) }
        if isDemo, from == 0 { try await store.write { try Meta.markDemo($0.connection) } }
        guard try await store.read({ try Meta.isDemo($0.connection) }) == isDemo else {
            throw CommandError(
                isDemo
                    ? "\(settings.database) holds real data: a demo never writes there. Choose another --data folder"
                    : "\(settings.database) was made by `consultease demo`: choose another --data folder")
        }
        return store
    }

    /// Looks before SQLite makes a file, and deletes what stands beside it.
    private static func requireOneOrNone(
        _ settings: Settings, _ former: FormerLife, beginsAnew: Bool, logger: Logger
    ) throws {
        guard FormerLife.isGone(settings.database) else { return }
        try former.requireNone(beginsAnew: beginsAnew)
        guard !former.traces.isEmpty else { return }
        let aside = try former.setCompanionsAside()
        logger.notice(
            "Beginning with an empty database, as asked for",
            metadata: ["database": "\(settings.database)", "set-aside": "\(aside.joined(separator: " "))"])
    }

    /// From now on the folder says that it serves this database.
    private static func note(_ store: Store, _ settings: Settings, logger: Logger) {
        let present = DatabaseNote(lineage: store.lineage.rawValue, database: "\(settings.database)")
        if let former = DatabaseNote.find(in: settings.dataFolder).lineage, former != present.lineage {
            logger.warning(
                "The folder served a database of another lineage before: its last good backup is kept",
                metadata: ["former": "\(former)", "lineage": "\(present.lineage)", "database": "\(present.database)"])
        }
        present.keep(in: settings.dataFolder, logger: logger)
    }

    /// For a command beside a running server, or without one: never migrates.
    static func forCommand(_ settings: Settings) async throws -> Store {
        if let path = settings.database.path {
            try FailureInWords.requireDatabase(
                at: path, orElse: "start `consultease serve` once, or name its folder with --data")
        }
        return try await store(try await engine(for: settings.database))
    }

    /// For a command that only looks: writing fails.
    static func forLooking(_ settings: Settings) async throws -> Store {
        guard let path = settings.database.path else { return try await forCommand(settings) }
        try FailureInWords.requireDatabase(
            at: path, orElse: "start `consultease serve` once, or name its folder with --data")
        return try await store(try SQLiteEngine.readOnly(at: path))
    }

    /// The engine of a database that has to be there: nothing is made.
    static func existingEngine(for location: DatabaseLocation) async throws -> any Engine {
        if let path = location.path {
            try FailureInWords.requireDatabase(
                at: path, orElse: "name its folder with --data, or itself with --database")
        }
        return try await engine(for: location)
    }

    static func store(_ engine: any Engine, _ time: (any TimeSource)? = nil) async throws -> Store {
        if let time { return try await Store(engine: engine, time: time) }
        let clocks = try await engine.read { connection in
            try Migrator.requireCurrentSchema(connection)
            return try Store.clocks(connection)
        }
        return try await Store(
            engine: engine,
            time: SteadyTime(wall: WallClock.now, lastCommitted: clocks.lastCommit, databaseClock: clocks.database))
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

    /// A command's errors go to the terminal, not to a log.
    static let quiet = Logger(label: "consultease.database") { _ in SwiftLogNoOpLogHandler() }
}
