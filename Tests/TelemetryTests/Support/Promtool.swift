// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Prometheus' own tool, from Debian's package.
enum Promtool {
    static let path = "/usr/bin/promtool"
    static var isHere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// What it says of `input`, and its exit code.
    static func run(_ arguments: [String], input: String = "") throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stdout
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = String(decoding: stdout.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}

/// The repository that these tests belong to.
enum Repository {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Every Swift file below `Sources`, by its path there.
    static func sources() throws -> [(path: String, text: String)] {
        let folder = root.appending(path: "Sources")
        guard let files = FileManager.default.enumerator(atPath: folder.path) else { return [] }
        return try files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
            .map { ($0, try text("Sources/\($0)")) }
    }
}

/// Waits until it is so; fails after ten seconds.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NotInTime(what: what) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct NotInTime: Error {
    let what: String
}
