// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

extension BrokerFolder {
    /// What a restore needs of the folder so that desk units get in again: each one's user name and the hash of its password,
    /// a line each. Nil where there are none. Rules and configuration are written anew from these at each start.
    ///
    /// The server's own password is not among them: each folder makes one for itself.
    package func unitCredentials() -> String? {
        let lines = passwordLines().filter { !Self.isServer($0) }
        return lines.isEmpty ? nil : lines.joined(separator: "\n") + "\n"
    }

    /// Takes credentials of units that the folder does not know, and returns how many. A unit that is known keeps what it has:
    /// that may be newer than the backup, and is what the unit on the desk was given.
    package func addMissing(credentials text: String) throws -> Int {
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let there = passwordLines()
        let known = Set(there.map(Self.user))
        let added = text.split(separator: "\n").map(String.init).filter { line in
            !Self.isServer(line) && line.contains(":") && !known.contains(Self.user(of: line))
        }
        guard !added.isEmpty else { return 0 }
        try write((there + added).joined(separator: "\n") + "\n", to: Self.passwordsName)
        try writeRules()
        return added.count
    }

    private static func user(of line: String) -> Substring { line.prefix { $0 != ":" } }

    private static func isServer(_ line: String) -> Bool { user(of: line) == BrokerConfiguration.serverUser }
}
