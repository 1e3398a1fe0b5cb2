// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

extension PostgreSQLConfiguration {
    /// Removes environment variables that would lead a connection to another server than the URL names. Keywords can't
    /// override them, since libpq treats an empty keyword as missing. Called before each connection.
    static func forgetOtherPlaces() {
        // The environment is changed only if it has such a variable, since other threads may be reading it.
        for name in ["PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE"] where getenv(name) != nil { unsetenv(name) }
    }

    /// The keywords for libpq. Each setting that matters is included, so that the environment can't change it.
    var keywords: [(name: String, value: String)] {
        var keywords = [
            ("host", host), ("port", String(port)), ("user", user), ("dbname", database),
            ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("sslmode", security.mode.rawValue), ("gssencmode", "disable"), ("target_session_attrs", "any"),
            // With an empty value, libpq would use PGOPTIONS.
            ("options", " "),
            // A peer that is gone is noticed after about 10 s.
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

    /// Debian's bundle of authorities: libpq 15 has no keyword for the system's own.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// The settings of every session. Times are in milliseconds, as PostgreSQL reads a bare number.
    var sessionSettings: [(name: String, value: String)] {
        [
            ("TimeZone", "UTC"), ("bytea_output", "hex"), ("standard_conforming_strings", "on"),
            ("statement_timeout", String(limits.statementTimeout.milliseconds)),
            ("lock_timeout", String(limits.lockTimeout.milliseconds)),
            ("idle_in_transaction_session_timeout", String(limits.idleInTransactionTimeout.milliseconds)),
            // The server must notice a vanished client too, or its lock would stay for hours.
            ("tcp_user_timeout", "10000"), ("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
        ]
    }

    /// The additional settings of a leader's session. If its process is paused or cut off, the database server soon
    /// ends the session and with it the lock.
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
