// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The address of a PostgreSQL server, the role to connect as, and the time-outs.
///
/// A URL and a separate password make it; its description never contains the password.
package struct PostgreSQLConfiguration: Sendable, CustomStringConvertible {
    /// A name, an address, or the folder of a Unix socket if the text begins with `/`.
    package var host: String
    package var port: Int
    package var user: String
    package var password: Secret?
    package var database: String
    package var security: Security
    /// The name of this process in `pg_stat_activity`: `program`, then the name in the URL.
    package private(set) var applicationName = program
    /// The beginning of every session's name, whatever the URL says: it tells this program's sessions from others.
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

    /// How the connection is secured. The default is `prefer` on this machine and `verify-full` elsewhere.
    package struct Security: Sendable, Hashable {
        package var mode: Mode
        /// The file of the authorities that may sign the server's certificate; nil uses the system's.
        package var rootCertificate: String?
        /// The file of this client's certificate, if the server asks for one.
        package var certificate: String?
        package var key: String?

        /// libpq's `sslmode`s except `allow`, which guarantees nothing.
        package enum Mode: String, Sendable, CaseIterable {
            case disable
            case prefer
            case require
            case verifyAuthority = "verify-ca"
            case verifyFull = "verify-full"

            var verifies: Bool { self == .verifyAuthority || self == .verifyFull }
        }
    }

    /// Bounds; each comment says what happens when one is reached.
    package struct Limits: Sendable {
        /// The number of connections that write, besides the leader's.
        package var writers = 2
        /// The number of connections that read.
        package var readers = 4
        /// Bounds the transactions that wait for a connection, separately for writing and reading; the next one is
        /// refused as busy.
        package var queueLimit = 256
        /// Bounds a transaction's wait for a connection; after it the transaction is refused as busy.
        package var queueTimeout = Duration.seconds(5)
        /// Bounds the opening of a connection.
        package var connectTimeout = Duration.seconds(5)
        /// The database server cancels a statement after this time. A script has no such bound.
        package var statementTimeout = Duration.seconds(10)
        /// The database server stops waiting for a lock after this time.
        package var lockTimeout = Duration.seconds(3)
        /// The database server ends a connection that holds a transaction open and sends nothing for this long.
        package var idleInTransactionTimeout = Duration.seconds(10)
        /// Bounds the inquiry about a COMMIT whose answer was lost.
        package var inquiryTimeout = Duration.seconds(20)
        /// The database server ends a leader's connection that sends nothing for this long; then another process can
        /// lead.
        package var leaderSilence = Duration.seconds(3)

        package init() {}
    }
}

/// Reports a URL or password that can't be used, with the remedy.
package struct PostgreSQLConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package static let passwordInURL = PostgreSQLConfigurationError(
        description: "the database URL has a password in it, which others can see: take it out and give it apart")
}
