// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Files as a power cut leaves them: empty, full of zeros, halved. What is derived is written anew at each start; what
/// isn't is looked at here, set aside as `NAME.damaged-SECONDS`, and made anew.
extension BrokerFolder {
    /// Of a file that is set aside.
    private static let mark = ".damaged-"

    /// Files that hold credentials as they were found damaged. While there are any it isn't known for whom a unit with
    /// credentials speaks, so the open listener is closed.
    var damagedPasswords: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter { $0.hasPrefix(BrokerFiles.passwords + Self.mark) }.sorted()
    }

    /// Files that are not whole as they stand, and queues that were set aside. Changes nothing.
    func damage() -> [BrokerFileDamage] {
        var found: [BrokerFileDamage] = []
        func look(_ name: String, losesData: Bool = false, _ isWhole: (Data) -> Bool) {
            guard let data = try? Data(contentsOf: url.appending(path: name)), !isWhole(data) else { return }
            found.append(BrokerFileDamage(file: name, losesData: losesData))
        }
        let isText = { (data: Data) in !data.isEmpty && !data.contains(0) && data.last == UInt8(ascii: "\n") }
        look(BrokerFiles.passwords, losesData: true) { data in
            let passwords = BrokerPasswords(String(decoding: data, as: UTF8.self))
            return isText(data) && passwords.whole.lines.count == passwords.lines.count
                && passwords.has(BrokerConfiguration.serverUser)
        }
        look(BrokerFiles.serverPassword) { NewPassword.canHaveMade(String(decoding: $0, as: UTF8.self)) }
        for name in [BrokerFiles.acl, BrokerFiles.openACL, BrokerFiles.configuration] { look(name, isText) }
        look(BrokerFiles.facts) { _ in facts() != nil }
        look(BrokerFiles.running) { (try? JSONDecoder().decode(RunningBroker.self, from: $0)) != nil }
        look(BrokerFiles.accessRead) { (try? JSONDecoder().decode(AccessRead.self, from: $0)) != nil }
        look(BrokerFiles.queue, losesData: true) {
            $0.isEmpty || Array($0.prefix(Self.queueStart.count)) == Self.queueStart
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        let aside = names.filter { $0.hasPrefix(BrokerFiles.queue + Self.mark) }.sorted()
        return found + aside.map { BrokerFileDamage(file: $0, losesData: true) }
    }

    /// Whether the server's own password can be one. Nothing is lost by another.
    var hasServerPassword: Bool {
        guard let text = try? serverPassword() else { return false }
        return NewPassword.canHaveMade(text)
    }

    /// Sets damaged credentials aside and keeps the lines that are whole. Returns what the damaged file is called now;
    /// nil if nothing was damaged. Only within `alone`.
    ///
    /// The server's own password is written after its line here, so a folder that has that password and not that line
    /// has lost lines. So has one whose rules name an old unit that has no line.
    func mendPasswords() throws -> String? {
        let file = url.appending(path: BrokerFiles.passwords)
        let data = try? Data(contentsOf: file)
        let passwords = BrokerPasswords(String(decoding: data ?? Data(), as: UTF8.self))
        let isEveryLineWhole =
            passwords.whole.lines.count == passwords.lines.count && (data?.last ?? 0x0A) == UInt8(ascii: "\n")
        let rules = (try? String(contentsOf: url.appending(path: BrokerFiles.acl), encoding: .utf8)) ?? ""
        let named = rules.split(separator: "\n").filter { $0.hasPrefix("user ") }.map { String($0.dropFirst(5)) }
        let hadServer = FileManager.default.fileExists(atPath: url.appending(path: BrokerFiles.serverPassword).path)
        guard
            !isEveryLineWhole || (hadServer && !passwords.has(BrokerConfiguration.serverUser))
                || named.contains(where: { $0 != BrokerConfiguration.serverUser && !passwords.has($0) })
        else { return nil }
        let aside = BrokerFiles.passwords + Self.mark + Self.now
        guard WholeFile.write(data ?? Data(), to: url.appending(path: aside)) else {
            throw BrokerError.cannotWrite(url.appending(path: aside).path)
        }
        try write(passwords.whole.text, to: BrokerFiles.passwords)
        return url.appending(path: aside).path
    }

    /// Sets mosquitto's queue aside if it doesn't begin as one, and returns what it is called now. mosquitto takes an
    /// empty one for a new one.
    func setDamagedQueueAside() -> String? {
        guard let file = try? FileHandle(forReadingFrom: url.appending(path: BrokerFiles.queue)) else { return nil }
        defer { try? file.close() }
        let start = (try? file.read(upToCount: Self.queueStart.count)) ?? nil
        guard let start, !start.isEmpty, Array(start) != Self.queueStart else { return nil }
        return setQueueAside()
    }

    /// Nil if there is none, or it can't be renamed.
    func setQueueAside() -> String? {
        let aside = url.appending(path: BrokerFiles.queue + Self.mark + Self.now)
        return rename(url.appending(path: BrokerFiles.queue).path, aside.path) == 0 ? aside.path : nil
    }

    private static let queueStart: [UInt8] = [0x00, 0xB5, 0x00] + Array("mosquitto db".utf8)

    private static var now: String { "\(Int(Date().timeIntervalSince1970))" }
}

/// A file of the broker's folder that is not whole.
package struct BrokerFileDamage: Sendable, Hashable {
    package let file: String
    /// Whether something is lost with it: units' credentials, or what waited in the queue. What is not is made anew at
    /// the next start.
    package let losesData: Bool
}
