// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

extension PostgreSQLConfiguration {
    /// Takes out of the environment what would lead a connection to another server than the URL names, and what libpq
    /// has no word against: an empty keyword counts as none. Called before each connection.
    static func forgetOtherPlaces() {
        // Written only if there is something, since other threads may read the environment just then.
        for name in ["PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE"] where getenv(name) != nil { unsetenv(name) }
    }

    /// What libpq is given. Everything that the environment could set otherwise and that matters is named, so that it
    /// can't.
    var keywords: [(name: String, value: String)] {
        var keywords = [
            ("host", host), ("port", String(port)), ("user", user), ("dbname", database),
            ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("sslmode", security.mode.rawValue), ("gssencmode", "disable"), ("target_session_attrs", "any"),
            // An empty value would let PGOPTIONS in.
            ("options", " "),
            // A peer that is gone is noticed in about 10 s.
            ("keepalives", "1"), ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"),
        ]
        if let password { keywords.append(("password", password.value)) }
        if let file = security.rootCertificate ?? (security.mode.verifies ? Self.systemAuthorities : nil) {
            keywords.append(("sslrootcert", file))
        }
        if let file = security.certificate { keywords.append(("sslcert", file)) }
        if let file = security.key { keywords.append(("sslkey", file)) }
        return keywords
    }

    /// Debian's bundle: libpq 15 has no word of its own for the system's authorities.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// What every session is set to. Milliseconds, as PostgreSQL reads a bare number.
    var sessionSettings: [(name: String, value: String)] {
        [
            ("TimeZone", "UTC"), ("bytea_output", "hex"), ("standard_conforming_strings", "on"),
            ("statement_timeout", String(limits.statementTimeout.milliseconds)),
            ("lock_timeout", String(limits.lockTimeout.milliseconds)),
            ("idle_in_transaction_session_timeout", String(limits.idleInTransactionTimeout.milliseconds)),
            // The server's side of the connection: a vanished client must not hold a lock for hours.
            ("tcp_user_timeout", "10000"), ("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
        ]
    }

    /// What a leader's session is set to beyond that: the server itself ends it soon after its process stopped
    /// speaking, be it paused or cut off, and the lock with it.
    var leaderSettings: [(name: String, value: String)] {
        let silence = String(limits.leaderSilence.milliseconds)
        return [
            ("idle_session_timeout", silence), ("idle_in_transaction_session_timeout", silence),
            ("tcp_user_timeout", silence), ("tcp_keepalives_idle", "1"), ("tcp_keepalives_interval", "1"),
            ("tcp_keepalives_count", "2"),
        ]
    }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
