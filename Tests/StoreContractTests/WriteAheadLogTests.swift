// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store
import Synchronization
import TestSupport
import Testing

@Suite("SQLite's write-ahead log")
struct WriteAheadLogTests {
    private func size(_ path: String) throws -> Int64 {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber).int64Value
    }

    @Test func isTruncatedOnceNoReaderNeedsAnOlderState() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.sqlite").path
            let engine = try SQLiteEngine.file(at: path)
            try await engine.write { try $0.script("CREATE TABLE t (x TEXT)") }
            let gate = Gate()
            let isReading = Mutex(false)
            // The read ends when the test releases it below.
            let reader = Task {
                try await engine.read { connection in
                    _ = try connection.query("SELECT count(*) FROM t")
                    isReading.withLock { $0 = true }
                    gate.wait()
                }
            }
            try await eventually("the reader is there") { isReading.withLock { $0 } }
            for _ in 0..<20 {
                _ = try await engine.write {
                    try $0.execute("INSERT INTO t VALUES (\(String(repeating: "x", count: 100_000)))")
                }
            }
            #expect(try await !engine.cutLog())
            #expect(try size(path + "-wal") > 1_000_000)
            gate.open()
            try await reader.value
            try await eventually("it is cut off") { try await engine.cutLog() }
            #expect(try size(path + "-wal") == 0)
            let count = try await engine.read { try $0.first("SELECT count(*) FROM t")?.get(0, as: Int64.self) }
            #expect(count == 20)
            try engine.close()
        }
    }

    /// SQLite would delete the log next to an empty file, and with it the latest commits.
    @Test(arguments: [true, false])
    func besideAFileThatIsGoneIsLeftAlone(isEmptied: Bool) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a.sqlite").path
            let content = Data("what was committed last".utf8)
            try content.write(to: URL(filePath: path + "-wal"))
            if isEmptied { try Data().write(to: URL(filePath: path)) }
            #expect(throws: SQLError.self) { _ = try SQLiteEngine.file(at: path) }
            #expect(throws: SQLError.self) { _ = try SQLiteEngine.readOnly(at: path) }
            #expect(throws: SQLError.self) { _ = try SQLiteEngine.portable(at: path) }
            #expect(throws: SQLError.self) { _ = try SQLiteEngine.alone(at: path) }
            #expect(FileManager.default.contents(atPath: path + "-wal") == content)
            #expect(FileManager.default.fileExists(atPath: path) == isEmptied)
        }
    }
}
