// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Foundation

/// The embedded broker's files: configuration, credentials, rules, queue. Readable by their owner alone.
package struct BrokerFolder: Sendable {
    package let url: URL

    static let socketName = "server.sock"
    static let passwordsName = "passwords"
    static let aclName = "acl"
    static let openACLName = "acl.open"
    private static let configurationName = "mosquitto.conf"
    static let serverPasswordName = "server.password"

    package init(in dataFolder: URL) {
        url = dataFolder.appending(path: "broker")
    }

    package var socketPath: String { url.appending(path: Self.socketName).path }
    var configurationPath: String { url.appending(path: Self.configurationName).path }
    var runningPath: URL { url.appending(path: "running.json") }
    var logPath: String { url.appending(path: "mosquitto.log").path }

    /// The longest path of a Unix socket on Linux, without its terminating zero.
    private static let longestSocketPath = 107

    /// Writes what mosquitto reads. What is there already of credentials stays.
    package func prepare(_ configuration: BrokerConfiguration) throws {
        guard socketPath.utf8.count <= Self.longestSocketPath else {
            throw BrokerError.socketPathTooLong(socketPath, longest: Self.longestSocketPath)
        }
        guard !url.path.contains(where: \.isWhitespace) else { throw BrokerError.spaceInPath(url.path) }
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // Both or neither: a start that was cut between the two is mended by the next.
        let hasPassword = FileManager.default.fileExists(atPath: url.appending(path: Self.serverPasswordName).path)
        if !hasPassword || !passwordLines().contains(where: { $0.hasPrefix("\(BrokerConfiguration.serverUser):") }) {
            let password = Self.newPassword()
            try setPassword(password, of: BrokerConfiguration.serverUser)
            try write(password, to: Self.serverPasswordName)
        }
        try writeRules()
        try write(BrokerACL.openText, to: Self.openACLName)
        try write(configuration.text(folder: url.path), to: Self.configurationName)
    }

    package func serverPassword() throws -> String {
        try String(contentsOf: url.appending(path: Self.serverPasswordName), encoding: .utf8)
    }

    /// Gives a unit a credential of its own and returns the password: the only time that it can be read.
    package func addCredential(for unit: UnitID) throws -> String {
        let password = Self.newPassword()
        try setPassword(password, of: unit.rawValue)
        try writeRules()
        return password
    }

    /// Sets many at once; used where a whole fleet is made.
    package func setPasswords(_ passwords: [(user: String, password: String)]) throws {
        let hashed = try hash(passwords)
        let replaced = Set(passwords.map(\.user))
        let kept = passwordLines().filter { line in !replaced.contains(String(line.prefix { $0 != ":" })) }
        try write((kept + hashed).joined(separator: "\n") + "\n", to: Self.passwordsName)
        try writeRules()
    }

    private func setPassword(_ password: String, of user: String) throws {
        try setPasswords([(user, password)])
    }

    func writeRules() throws {
        let users = passwordLines().map { String($0.prefix { $0 != ":" }) }
        let faculty = users.filter { $0.hasPrefix("d1-") }.compactMap { FacultyID(digits: $0.dropFirst(3)) }
        try write(BrokerACL.text(dialect1: faculty), to: Self.aclName)
    }

    func passwordLines() -> [String] {
        let text = (try? String(contentsOf: url.appending(path: Self.passwordsName), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// `mosquitto_passwd -U` hashes a file in place, so no password ever stands in a command line.
    private func hash(_ passwords: [(user: String, password: String)]) throws -> [String] {
        let plain = url.appending(path: "passwords.\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: plain) }
        try write(
            passwords.map { "\($0.user):\($0.password)" }.joined(separator: "\n") + "\n", to: plain.lastPathComponent)
        let process = Process()
        process.executableURL = try Executable.find("mosquitto_passwd", package: "mosquitto")
        process.arguments = ["-U", plain.path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BrokerError.passwordsNotHashed }
        return try String(contentsOf: plain, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// Writes aside and renames: mosquitto never reads half a file.
    func write(_ text: String, to name: String) throws {
        let aside = url.appending(path: ".\(name).new")
        try? FileManager.default.removeItem(at: aside)
        guard
            FileManager.default.createFile(
                atPath: aside.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]),
            rename(aside.path, url.appending(path: name).path) == 0
        else { throw BrokerError.cannotWrite(url.appending(path: name).path) }
    }

    /// 32 characters of a 32-letter alphabet: 160 bits.
    private static func newPassword() -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<32).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}

/// Programs that Debian's packages bring.
enum Executable {
    static func find(_ name: String, package: String) throws -> URL {
        for folder in ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"] {
            let path = "\(folder)/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return URL(filePath: path) }
        }
        throw BrokerError.programMissing(name, package: package)
    }
}
