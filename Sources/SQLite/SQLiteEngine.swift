// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import GRDB
package import SQL

/// SQLite behind the `Engine` seam: one writer connection and, on disk, several readers in WAL mode.
///
/// Every commit is durable when `write` returns: `synchronous=FULL` is set after opening and read back.
package struct SQLiteEngine: Engine {
    private let database: any DatabaseWriter
    /// A connection that only asks whether a commit happened: it waits for no writer, ours or another program's.
    /// Nil if no other process can open the database, or no task follows it.
    private let observer: DatabaseQueue?
    /// The file; nil if no task follows it.
    private let path: String?

    private init(database: any DatabaseWriter, observer: DatabaseQueue? = nil, path: String? = nil) {
        self.database = database
        self.observer = observer
        self.path = path
    }

    /// Opens the file, or makes it. Commands and the server may hold it at once; a writer waits up to 5 s for another.
    package static func file(at path: String) throws(SQLError) -> SQLiteEngine {
        try requireWhole(path)
        let database = try SQLError.translating { try DatabasePool(path: path, configuration: configuration()) }
        try SQLiteEngine(database: database).makeDurable()
        var looking = configuration()
        looking.readonly = true
        let observer = try SQLError.translating { try DatabaseQueue(path: path, configuration: looking) }
        return SQLiteEngine(database: database, observer: observer, path: path)
    }

    /// Throws if the file is missing or empty while its `-wal` is not: SQLite would delete that at once, and with it
    /// all that was committed last.
    private static func requireWhole(_ path: String) throws(SQLError) {
        guard size(of: path) ?? 0 == 0, let log = size(of: path + "-wal"), log > 0 else { return }
        throw SQLError(
            code: .cannotOpen,
            message:
                "\(path) is missing or empty, but \(path)-wal beside it is not: keep a copy of both, and restore a backup with `consultease restore FILE --replace`"
        )
    }

    private static func size(of path: String) -> off_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_size : nil
    }

    /// Opens a file to look at it, and leaves everything as it is: its journal mode too. Writing fails.
    package static func readOnly(at path: String) throws(SQLError) -> SQLiteEngine {
        try requireWhole(path)
        var configuration = configuration()
        configuration.readonly = true
        return SQLiteEngine(
            database: try SQLError.translating { try DatabaseQueue(path: path, configuration: configuration) })
    }

    /// A database that lives as long as the value: for tests and for `consultease wire`.
    package static func inMemory() throws(SQLError) -> SQLiteEngine {
        SQLiteEngine(database: try SQLError.translating { try DatabaseQueue(configuration: configuration()) })
    }

    /// A file that is written once and then carried away: nothing stands beside it once the engine is closed.
    package static func portable(at path: String) throws(SQLError) -> SQLiteEngine {
        try requireWhole(path)
        let engine = SQLiteEngine(
            database: try SQLError.translating { try DatabaseQueue(path: path, configuration: configuration()) })
        try engine.makeDurable()
        return engine
    }

    /// Opens a file for this engine alone: until it is closed, no other program reads or writes there, and nothing that
    /// is committed stands beside the file. Throws `busy` if another program is at it.
    ///
    /// Closing any other descriptor of the file in this process gives the lock up: that is how POSIX has it.
    package static func alone(at path: String) throws(SQLError) -> SQLiteEngine {
        try requireWhole(path)
        let database = try SQLError.translating { try DatabaseQueue(path: path, configuration: configuration()) }
        do {
            try SQLError.translating { try database.writeWithoutTransaction(Self.takeAlone) }
        } catch {
            try? database.close()  // The error says what was wrong.
            throw error
        }
        return SQLiteEngine(database: database)
    }

    private static func takeAlone(_ database: Database) throws {
        let busy = SQLError(code: .busy, message: "another program has the file open")
        // Leaving WAL locks all others out for a moment; only the lock that comes then is kept.
        guard try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE") == "delete" else { throw busy }
        try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        try database.execute(sql: "BEGIN EXCLUSIVE; COMMIT")
        guard try String.fetchOne(database, sql: "PRAGMA journal_mode") == "delete" else { throw busy }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        return configuration
    }

    /// GRDB sets `synchronous` to NORMAL when it turns WAL on; a power cut could then lose what was acknowledged.
    private func makeDurable() throws(SQLError) {
        let level = try SQLError.translating {
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                return try Int.fetchOne(database, sql: "PRAGMA synchronous")
            }
        }
        guard level == 2 else {
            throw SQLError(code: .cannotOpen, message: "PRAGMA synchronous reads \(level ?? -1), not 2 (FULL)")
        }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        // The continuation form is deaf to cancellation: a transaction is never cut in half.
        try await withCheckedThrowingContinuation { continuation in
            database.asyncWriteWithoutTransaction { database in
                continuation.resume(with: Self.transaction(in: database, body))
            }
        }
    }

    private static func transaction<Value: Sendable>(
        in database: Database, _ body: (any Connection) throws -> Value
    ) -> Result<Value, any Error> {
        do {
            var value: Value?
            try database.inTransaction(.immediate) {
                value = try body(SQLiteConnection(database: database))
                return .commit
            }
            guard let value else { throw SQLError(code: .other, message: "the transaction ended without a value") }
            return .success(value)
        } catch {
            return .failure(SQLError.shared(error))
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.read { database in try body(SQLiteConnection(database: database)) }
        } catch {
            throw SQLError.shared(error)
        }
    }

    package func outsideVersion() async throws -> Int64 {
        guard let observer else { return 0 }
        // `data_version` is a connection's own: it counts what others committed, our writer among them, since that
        // connection last looked. A transaction around it would show what stood at its beginning.
        return try await withCheckedThrowingContinuation { continuation in
            observer.asyncUnsafeRead { database in
                continuation.resume(
                    with: Result {
                        do {
                            return try Int64.fetchOne(database.get(), sql: "PRAGMA data_version") ?? 0
                        } catch {
                            throw SQLError.shared(error)
                        }
                    })
            }
        }
    }

    /// `data_version` is polled instead.
    package func announcements() -> AsyncStream<Int64> {
        AsyncStream { $0.finish() }
    }

    /// The data folder's lock lets one server in: it leads from its first moment to its last.
    package func lead(onStandingBy: @escaping @Sendable () -> Void) async throws -> any LeaderTerm {
        SoleTerm(writer: self)
    }

    /// Brings what stands in the `-wal` file into the database's own, as far as readers let it: for a file that is
    /// handed on.
    package func gather() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            database.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    with: Result {
                        do {
                            try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                        } catch {
                            throw SQLError.shared(error)
                        }
                    })
            }
        }
    }

    /// Brings the `-wal` file into the database and cuts it off, unless a reader needs an older state. Returns whether
    /// it did.
    ///
    /// Runs on a connection of its own that does not wait: a checkpoint that waits for a reader keeps every writer
    /// waiting.
    package func cutLog() async throws -> Bool {
        guard let path else { return false }
        var impatient = Self.configuration()
        impatient.busyMode = .immediateError
        let connection = try SQLError.translating { try DatabaseQueue(path: path, configuration: impatient) }
        defer { try? connection.close() }  // What it did is done.
        do {
            return try await connection.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // Brings over what it can while others write; the rest of the work is short then.
                guard let first = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(PASSIVE)"),
                    try first.decode(Int.self, atIndex: 0) == 0,
                    try first.decode(Int.self, atIndex: 1) == first.decode(Int.self, atIndex: 2)
                else { return false }
                return try Int.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
            }
        } catch {
            guard (error as? DatabaseError)?.resultCode != .SQLITE_BUSY else { return false }
            throw SQLError.shared(error)
        }
    }

    package func close() throws {
        // First: the last connection to close brings the `-wal` file into the database, and a reader can't.
        try observer?.close()
        try database.close()
    }
}
