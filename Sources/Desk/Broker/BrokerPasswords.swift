// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// mosquitto's password file: on each line a user, a colon, and the hash of the user's password.
struct BrokerPasswords {
    private(set) var lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n").map(String.init)
    }

    private init(lines: [String]) {
        self.lines = lines
    }

    var text: String { lines.joined(separator: "\n") + "\n" }
    var users: [String] { lines.map(Self.user) }

    func has(_ user: String) -> Bool { users.contains(user) }

    /// Whether a line is what mosquitto_passwd writes: a name, and a salted hash of 64 bytes.
    private static func isWhole(_ line: String) -> Bool {
        line.wholeMatch(of: /[ -9;-~]+:\$[67]\$[0-9A-Za-z+\/=$]+\$[0-9A-Za-z+\/]{86}==/) != nil
    }

    /// The lines that are whole.
    var whole: BrokerPasswords { BrokerPasswords(lines: lines.filter(Self.isWhole)) }

    /// Takes these, in the place of what their users had.
    mutating func replace(by others: BrokerPasswords) {
        let replaced = Set(others.users)
        lines = lines.filter { !replaced.contains(Self.user(of: $0)) } + others.lines
    }

    /// Takes those of them whose user is not known here, and returns how many.
    mutating func addMissing(_ others: BrokerPasswords) -> Int {
        let known = Set(users)
        let added = others.lines.filter { !known.contains(Self.user(of: $0)) }
        lines += added
        return added.count
    }

    /// Takes a user's away; false if there was none.
    mutating func remove(_ user: String) -> Bool {
        let before = lines.count
        lines.removeAll { Self.user(of: $0) == user }
        return lines.count < before
    }

    /// Those of desk units: all but the server's own, and whatever is no credential.
    var ofUnits: BrokerPasswords {
        BrokerPasswords(
            lines: lines.filter { $0.contains(":") && Self.user(of: $0) != BrokerConfiguration.serverUser })
    }

    private static func user(of line: String) -> String { String(line.prefix { $0 != ":" }) }
}
