// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The address of a PostgreSQL server, the role to connect as, and the time-outs.
///
/// Made from a URL without a password and a password beside it; nothing that it prints has the password.
package struct PostgreSQLConfiguration: Sendable, CustomStringConvertible {
    /// A name, an address, or the folder of a Unix socket if it begins with `/`.
    package var host: String
    package var port: Int
    package var user: String
    package var password: Secret?
    package var database: String
    package var security: Security
    /// What the server calls this process in `pg_stat_activity`: `program`, and what the URL says behind it.
    package private(set) var applicationName = program
    /// What the names of all our sessions begin with, whatever a URL says: by it they are told from a stranger's.
    package static let program = "consultease"
    package var limits = Limits()

    package var description: String {
        let place = host.contains(":") ? "[\(host)]" : host
        return host.hasPrefix("/")
            ? "postgres://\(user)@/\(database)?host=\(host)" : "postgres://\(user)@\(place):\(port)/\(database)"
    }

    mutating func nameSessions(_ name: String) {
        applicationName = name.hasPrefix(Self.program) ? name : "\(Self.program) \(name)"
    }

    /// How the line is secured. Without a word about it: `prefer` on this machine, `verify-full` elsewhere.
    package struct Security: Sendable, Hashable {
        package var mode: Mode
        /// The file of the authorities that a server's certificate is believed from; the system's if none is named.
        package var rootCertificate: String?
        /// This client's own certificate and key, if the server asks for one.
        package var certificate: String?
        package var key: String?

        /// libpq's `sslmode`s, but for `allow`, which promises nothing.
        package enum Mode: String, Sendable, CaseIterable {
            case disable
            case prefer
            case require
            case verifyAuthority = "verify-ca"
            case verifyFull = "verify-full"

            var verifies: Bool { self == .verifyAuthority || self == .verifyFull }
        }
    }

    /// Bounds, each of which says what happens when it is met.
    package struct Limits: Sendable {
        /// Connections that write, beside the leader's own.
        package var writers = 2
        /// Connections that read.
        package var readers = 4
        /// Transactions that wait for a connection, for writing and for reading each. The next one is refused as busy.
        package var queueLimit = 256
        /// How long a transaction waits for a connection before it is refused as busy.
        package var queueTimeout = Duration.seconds(5)
        /// How long opening a connection may take.
        package var connectTimeout = Duration.seconds(5)
        /// The server gives a statement up after this. A script has no such bound.
        package var statementTimeout = Duration.seconds(10)
        /// The server gives waiting for a lock up after this.
        package var lockTimeout = Duration.seconds(3)
        /// The server ends a connection that holds a transaction open and says nothing for this long.
        package var idleInTransactionTimeout = Duration.seconds(10)
        /// How long the outcome of a COMMIT is asked for after its answer was lost.
        package var inquiryTimeout = Duration.seconds(20)
        /// The server ends a leader's connection that says nothing for this long; another process can lead then.
        package var leaderSilence = Duration.seconds(3)

        package init() {}
    }
}

/// A URL or password that can't be used, with what to do about it.
package struct PostgreSQLConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package static let passwordInURL = PostgreSQLConfigurationError(
        description: "the database URL has a password in it, which others can see: take it out and give it apart")
}
