// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import MQTT

/// Runs a mosquitto for one test, on a Unix socket in its own folder; both are gone when `body` returns.
enum Mosquitto {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/sbin/mosquitto")

    static func with<Value: Sendable>(_ body: @Sendable (BrokerAddress) async throws -> Value) async throws -> Value {
        let folder = URL(filePath: "/tmp/consultease-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let socket = folder.appending(path: "m.sock").path
        let configuration = """
            listener 0 \(socket)
            allow_anonymous true
            user root
            max_queued_messages 100000
            log_dest none

            """
        let file = folder.appending(path: "m.conf")
        try Data(configuration.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        // The broker lives as long as this end of the pipe, so it never outlives this process. SIGKILL is used because
        // the shell inherits the signal mask of the thread that started it, which may block SIGTERM.
        process.arguments = [
            "-c", "/usr/sbin/mosquitto -c \"$0/m.conf\" & broker=$!; cat; kill -9 $broker; rm -rf \"$0\"", folder.path,
        ]
        let life = Pipe()
        // A broker that another test starts meanwhile must not keep the pipe open.
        _ = fcntl(life.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = life
        // A child that kept the test's own output open would keep its reader waiting.
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // The test doesn't wait for the broker's end: that would block one of the few threads that all tests share.
        defer { try? life.fileHandleForWriting.close() }
        let end = ContinuousClock.now + .seconds(5)
        while !FileManager.default.fileExists(atPath: socket), ContinuousClock.now < end {
            try await ContinuousClock().sleep(for: .milliseconds(10))
        }
        return try await body(.unix(path: socket))
    }
}
