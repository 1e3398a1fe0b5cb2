// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

extension BrokerFolder {
    /// What a restore needs of the folder so that desk units get in again: each one's user name and the hash of its
    /// password, a line each. Nil if there are none. Rules and configuration are written anew from these at each start.
    ///
    /// The server's own password is not among them: each folder makes one for itself.
    package func unitCredentials() -> String? {
        let units = passwords().ofUnits
        return units.lines.isEmpty ? nil : units.text
    }

    /// Takes credentials of units that the folder does not know, and returns how many. A unit that is known keeps what
    /// it has: that may be newer than the backup, and is what the unit on the desk was given.
    package func addMissing(credentials text: String) throws -> Int {
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try changePasswords { $0.addMissing(BrokerPasswords(text).ofUnits) }
    }
}
