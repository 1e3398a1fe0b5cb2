// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Foundation

extension BrokerFolder {
    /// Gives a unit a credential of its own and returns the password: the only time that it can be read.
    package func addCredential(for unit: UnitID) throws -> String {
        let password = NewPassword.make()
        try setPasswords([(unit.rawValue, password)])
        return password
    }

    /// Takes a unit's credential away; false if it had none. A broker that runs is told by `EmbeddedBroker.reload`, and
    /// cuts the unit off then.
    package func removeCredential(of unit: UnitID) throws -> Bool {
        try changePasswords { $0.remove(unit.rawValue) }
    }

    /// Sets many at once; used if a whole fleet is made.
    package func setPasswords(_ new: [(user: String, password: String)]) throws {
        let hashed = try hash(new)
        try changePasswords { $0.replace(by: hashed) }
    }

    /// Changes the credentials and the rules, under a lock against other writers.
    func changePasswords<Value>(_ change: (inout BrokerPasswords) -> Value) throws -> Value {
        try alone {
            var passwords = passwords()
            let value = change(&passwords)
            try write(passwords.text, to: BrokerFiles.passwords)
            try writeRules()
            return value
        }
    }

    /// Takes what the database says of units into the rules. A broker that runs is told by `EmbeddedBroker.reload`.
    package func follow(_ facts: BrokerFacts) throws {
        try alone {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            try write(String(decoding: try encoder.encode(facts), as: UTF8.self), to: BrokerFiles.facts)
            try writeRules()
        }
    }

    /// Writes the rules that follow from credentials and facts. Only within `alone`.
    func writeRules() throws {
        let units = passwords().users.filter { $0 != BrokerConfiguration.serverUser }.compactMap { UnitID($0) }
        let facts = facts()
        try write(BrokerACL.text(units: units, facts: facts ?? BrokerFacts()), to: BrokerFiles.acl)
        // It isn't known which people have a unit with credentials, so the open listener must speak for none.
        let isKnown = facts != nil && damagedPasswords.isEmpty
        try write(
            isKnown
                ? BrokerACL.openText(guarded: (facts ?? BrokerFacts()).people(of: units), facts: facts ?? BrokerFacts())
                : BrokerACL.closedText, to: BrokerFiles.openACL)
    }

    /// Nothing is known until a server has told: then the rules are the narrowest. Nil if the file is damaged.
    func facts() -> BrokerFacts? {
        guard let data = try? Data(contentsOf: url.appending(path: BrokerFiles.facts)) else { return BrokerFacts() }
        return try? JSONDecoder().decode(BrokerFacts.self, from: data)
    }

    /// Runs `body` while no other process or task changes the folder's files: each change reads whole files and writes
    /// them anew. The lock is the kernel's, and goes with the process, however that ends; it is held for some
    /// milliseconds.
    func alone<Value>(_ body: () throws -> Value) throws -> Value {
        let descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BrokerError.noFolder(url.path) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw BrokerError.cannotWrite(url.path) }
        }
        return try body()
    }

    /// `mosquitto_passwd -U` hashes a file in place, so no password ever stands in a command line.
    private func hash(_ passwords: [(user: String, password: String)]) throws -> BrokerPasswords {
        guard FileManager.default.fileExists(atPath: url.path) else { throw BrokerError.noFolder(url.path) }
        let plain = url.appending(path: "passwords.\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: plain) }
        try write(
            passwords.map { "\($0.user):\($0.password)" }.joined(separator: "\n") + "\n", to: plain.lastPathComponent)
        let program = try Executable.find("mosquitto_passwd", package: "mosquitto")
        guard Executable.run(program, ["-U", plain.path]) == 0 else { throw BrokerError.passwordsNotHashed }
        return BrokerPasswords(try String(contentsOf: plain, encoding: .utf8))
    }
}
