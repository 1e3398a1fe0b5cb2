// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Domain
import Foundation
import Service

struct UnitCredential: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential",
        abstract: "Make a new password for a desk unit at the embedded broker; it is shown once.",
        discussion: """
            The password before it stops to work, and a running broker is told at once. Only a hash of it is kept.

            Examples:
              consultease unit credential desk-7
              consultease unit credential desk-7 --password-file desk-7.password
              consultease unit credential d1-7
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The unit's id, which is its user name.", transform: IdentifierArguments.unit)
    var unit: UnitID

    @Option(
        help: ArgumentHelp(
            "Write the password into this new file, readable by you alone, instead of showing it.", valueName: "file"))
    var passwordFile: String?

    @Flag(help: "Print {\"unit\", \"user\", \"password\" or \"password_file\", \"broker_told\"} for scripts.")
    var json = false

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            guard settings.broker == nil else {
                throw CredentialError(
                    "a broker of your own is configured: make the user \(unit) there, with a password of its own")
            }
            try await UnitRegister(store: store).requireMayConnect(unit)
            // Before the old password stops to work: a file that can't be written must not cost the unit its credential.
            let file = try passwordFile.map { try PasswordFile(creating: $0) }
            let folder = BrokerFolder(in: settings.dataFolder)
            let password: String
            do {
                password = try CredentialLock.held(on: folder) { try folder.addCredential(for: unit) }
                try file?.write(password)
            } catch {
                file?.discard()
                throw error
            }
            let isTold = EmbeddedBroker.reload(folder)
            if json {
                try JSONOutput.print(
                    Output(
                        unit: unit.rawValue, user: unit.rawValue, password: file == nil ? password : nil,
                        passwordFile: passwordFile, brokerTold: isTold))
            } else {
                show(password, isTold: isTold, settings)
            }
        }
    }

    private func show(_ password: String, isTold: Bool, _ settings: Settings) {
        print("user      \(unit)")
        print(passwordFile.map { "password  in \($0)" } ?? "password  \(password)")
        print("")
        print("Enter both at the unit, with this machine's address and the port \(settings.desks.port).")
        if passwordFile == nil { print("This is the only time that the password is shown.") }
        print(
            isTold
                ? "The broker knows it already; the password before it no longer works."
                : "No broker runs for this data folder now; it will know the password when it starts.")
    }

    private struct Output: Encodable {
        let unit: String
        let user: String
        @OrNull var password: String?
        @OrNull var passwordFile: String?
        let brokerTold: Bool

        enum CodingKeys: String, CodingKey {
            case unit, user, password
            case passwordFile = "password_file"
            case brokerTold = "broker_told"
        }
    }
}

struct CredentialError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A new file for one secret, readable by its owner alone from the first moment.
struct PasswordFile {
    private let path: String
    private let handle: FileHandle

    /// Throws where there is a file of that name already: a secret is never written into somebody else's file.
    init(creating path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CredentialError(
                errno == EEXIST
                    ? "\(path) is there already: name a new file, or remove it first"
                    : "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        self.path = path
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ password: String) throws {
        try handle.write(contentsOf: Data("\(password)\n".utf8))
        try handle.synchronize()
    }

    func discard() {
        unlink(path)
    }
}

/// One command at a time changes the credentials: each reads the whole file and writes it anew.
enum CredentialLock {
    static func held<Value>(on folder: BrokerFolder, _ body: () throws -> Value) throws -> Value {
        let descriptor = open(folder.url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CredentialError(
                "there is no broker folder at \(folder.url.path): start `consultease serve` once, or name its folder with --data"
            )
        }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw CredentialError("cannot lock \(folder.url.path): \(String(cString: strerror(errno)))")
            }
        }
        return try body()
    }
}
