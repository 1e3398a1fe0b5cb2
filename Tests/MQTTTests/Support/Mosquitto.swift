// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import MQTT

/// Runs a real mosquitto for one test, in its own folder, on a TCP port and a Unix socket.
final class Mosquitto: Sendable {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: path)
    private static let path = "/usr/sbin/mosquitto"

    let folder: URL
    let port: Int
    /// A free port; `SECURE` in the settings stands for it.
    let securePort: Int
    private let process = NIOLockedValueBox<Process?>(nil)

    var socketPath: String { folder.appendingPathComponent("mqtt.sock").path }

    private init(folder: URL, port: Int, securePort: Int) {
        self.folder = folder
        self.port = port
        self.securePort = securePort
    }

    /// - Parameters:
    ///   - lines: settings beyond the listeners.
    ///   - files: the contents of files in the broker's folder by name; `FOLDER` in `lines` stands for the folder.
    static func with<Result>(
        _ lines: [String] = ["allow_anonymous true"], files: [String: String] = [:],
        _ body: (Mosquitto) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mqtt-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, content) in files {
            try Data(content.utf8).write(to: folder.appendingPathComponent(name))
        }
        let broker = Mosquitto(folder: folder, port: try await freePort(), securePort: try await freePort())
        let settings =
            ["user root", "listener \(broker.port) 127.0.0.1", "listener 0 \(broker.socketPath)"]
            + lines.map {
                $0.replacingOccurrences(of: "FOLDER", with: folder.path)
                    .replacingOccurrences(of: "SECURE", with: "\(broker.securePort)")
            }
        try Data((settings.joined(separator: "\n") + "\n").utf8).write(to: folder.appendingPathComponent("conf"))
        try await broker.start()
        defer { broker.kill() }
        return try await body(broker)
    }

    func start() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = ["-c", folder.appendingPathComponent("conf").path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLockedValue { $0 = process }
        try await eventually("mosquitto listens") {
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            guard let channel = try? await bootstrap.connect(host: "127.0.0.1", port: port).get() else { return false }
            try await channel.close()
            return true
        }
    }

    /// Kills the broker with SIGKILL: it saves nothing and sends nothing.
    func kill() {
        guard let process = process.withLockedValue({ $0.take() }) else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func configuration(
        _ version: ProtocolVersion = .v5, id: String, marker: MemoryMarker? = nil, filters: [String] = []
    ) -> ClientConfiguration {
        var configuration = ClientConfiguration(address: .tcp(host: "127.0.0.1", port: port), clientID: id)
        configuration.version = version
        if let marker { configuration.session = .persistent(expirySeconds: 3_600, marker: marker) }
        configuration.subscriptions = filters.map { Subscription($0) }
        configuration.backoff = Backoff(first: .milliseconds(5), cap: .milliseconds(100), jitter: 0...1)
        return configuration
    }

    /// Returns a port that the system has just given out.
    static func freePort() async throws -> Int {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        try await server.close()
        return port
    }
}
