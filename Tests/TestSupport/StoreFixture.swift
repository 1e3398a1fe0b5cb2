// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Foundation
import SQL
import SQLite
package import Store

/// The engines that the contract suite runs on.
package enum TestEngine: String, CaseIterable, Sendable {
    case sqliteInMemory
    case sqliteFile
}

/// A new, empty store on an engine, with a clock that the test moves.
package struct StoreFixture: Sendable {
    package let store: Store
    package let time: ManualTime
    /// Lets a test hold back or fail commits.
    package let faults: FaultyEngine
    /// The database's file, for an outsider; nil in memory.
    package let file: URL?
}

/// Runs `body` with a new, empty store.
package func withStore<Value>(
    _ engine: TestEngine = .sqliteFile, _ body: (StoreFixture) async throws -> Value
) async throws -> Value {
    try await withTemporaryFolder { folder in
        let file = engine == .sqliteFile ? folder.appending(path: "test.sqlite") : nil
        let opened: any Engine =
            if let file { try SQLiteEngine.file(at: file.path) } else { try SQLiteEngine.inMemory() }
        var generator = SeededGenerator(seed: 1)
        _ = try await Migrator.migrate(opened, lineage: Lineage(using: &generator))
        let time = ManualTime()
        let faults = FaultyEngine(opened)
        let store = try await Store(engine: faults, time: time)
        let value = try await body(StoreFixture(store: store, time: time, faults: faults, file: file))
        try store.close()
        return value
    }
}

/// Runs SQL as an operator would: the `sqlite3` shell on the same file, in a process of its own.
package func outsider(_ sql: String, on file: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/sqlite3")
    process.arguments = ["-cmd", ".timeout 5000", file.path, sql]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw OutsiderError(text: text) }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
}

package struct OutsiderError: Error {
    package let text: String
}
