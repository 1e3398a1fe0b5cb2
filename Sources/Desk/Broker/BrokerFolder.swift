// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Foundation

/// The embedded broker's files: configuration, credentials, rules, queue. Readable by their owner alone.
package struct BrokerFolder: Sendable {
    package let url: URL

    package init(in dataFolder: URL) {
        url = dataFolder.appending(path: "broker")
    }

    package var socketPath: String { url.appending(path: BrokerFiles.socket).path }
    var configurationPath: String { url.appending(path: BrokerFiles.configuration).path }
    var runningPath: URL { url.appending(path: BrokerFiles.running) }
    package var logPath: String { url.appending(path: BrokerFiles.log).path }

    /// The longest path of a Unix socket on Linux, without its terminating zero.
    private static let longestSocketPath = 107

    /// Writes credentials and rules. What is there already of credentials stays. The configuration is not among them:
    /// it is the running broker's, and written by the process that starts one.
    ///
    /// Returns where damaged credentials were set aside; nil if they were whole.
    @discardableResult
    package func prepare() throws -> String? {
        guard socketPath.utf8.count <= Self.longestSocketPath else {
            throw BrokerError.socketPathTooLong(socketPath, longest: Self.longestSocketPath)
        }
        guard !url.path.contains(where: \.isWhitespace) else { throw BrokerError.spaceInPath(url.path) }
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let damaged = try alone { try mendPasswords() }
        // Both or neither: a start that was cut between the two is mended by the next.
        if !hasServerPassword || !passwords().has(BrokerConfiguration.serverUser) {
            let password = NewPassword.make()
            try setPasswords([(BrokerConfiguration.serverUser, password)])
            try write(password, to: BrokerFiles.serverPassword)
        }
        try alone { try writeRules() }
        return damaged
    }

    /// What mosquitto reads at its start. Only for who holds the folder's `BrokerLock`.
    func write(_ configuration: BrokerConfiguration) throws {
        try write(configuration.text(folder: url.path), to: BrokerFiles.configuration)
    }

    /// What mosquitto reads again if it is told to: credentials and rules, as they stand.
    var access: [Data?] {
        [BrokerFiles.passwords, BrokerFiles.acl, BrokerFiles.openACL].map { name in
            try? Data(contentsOf: url.appending(path: name))
        }
    }

    /// What a broker was last told to read.
    var accessRead: AccessRead? {
        guard let data = try? Data(contentsOf: url.appending(path: BrokerFiles.accessRead)) else { return nil }
        return try? JSONDecoder().decode(AccessRead.self, from: data)
    }

    func note(_ read: AccessRead) throws {
        try write(String(decoding: JSONEncoder().encode(read), as: UTF8.self), to: BrokerFiles.accessRead)
    }

    package func serverPassword() throws -> String {
        try String(contentsOf: url.appending(path: BrokerFiles.serverPassword), encoding: .utf8)
    }

    func passwords() -> BrokerPasswords {
        BrokerPasswords(
            (try? String(contentsOf: url.appending(path: BrokerFiles.passwords), encoding: .utf8)) ?? "")
    }

    func write(_ text: String, to name: String) throws {
        let file = url.appending(path: name)
        guard WholeFile.write(Data(text.utf8), to: file) else { throw BrokerError.cannotWrite(file.path) }
    }
}
