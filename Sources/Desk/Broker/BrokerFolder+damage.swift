// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Files as a power cut leaves them: empty, full of zeros, halved. What is derived is written anew at each start; what isn't is
/// looked at here, set aside as `NAME.damaged-SECONDS`, and made anew.
extension BrokerFolder {
    private static let mark = ".damaged-"

    /// Files that hold credentials as they were found damaged. While there are any it isn't known for whom a unit with
    /// credentials speaks, so the open listener is closed.
    var damagedPasswords: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter { $0.hasPrefix(BrokerFiles.passwords + Self.mark) }.sorted()
    }

    /// Whether the server's own password can be one. Nothing is lost by another.
    var hasServerPassword: Bool {
        guard let text = try? serverPassword() else { return false }
        return NewPassword.canHaveMade(text)
    }

    /// Sets damaged credentials aside and keeps the lines that are whole. Returns what the damaged file is called now; nil if
    /// nothing was damaged. Only within `alone`.
    ///
    /// The server's own password is written after its line here, so a folder that has that password and not that line has lost
    /// lines. So has one whose rules name an old unit that has no line.
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

    /// Sets mosquitto's queue aside if it doesn't begin as one, and returns what it is called now. mosquitto takes an empty one
    /// for a new one.
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
