// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

extension SQLError.Code {
    /// Maps PostgreSQL's error to the shared codes. Source: PostgreSQL 15, appendix A.
    init(sqlState: String) {
        switch sqlState {
        case "40001", "40P01": self = .conflict
        case "55P03", "53300", "57P03": self = .busy
        case "57014": self = .timeout
        case "53100", "53200": self = .storage
        case "57P01", "57P02", "57P05", "25P03": self = .connectionLost
        case "25006", "3D000", "57P04": self = .cannotOpen
        // A privilege, table, column, index, function or schema is missing. No data can cause this, and it may return,
        // for example when a dump has been restored.
        case "42501", "42P01", "42703", "42P10", "42883", "42704", "3F000": self = .cannotOpen
        // Triggers of the schema refuse with these, like SQLite's RAISE.
        case "P0001", "P0004": self = .constraint
        // Another program changed or dropped what a prepared statement needs; the next run of the transaction prepares
        // it again.
        case "26000": self = .conflict
        case "XX001", "XX002": self = .storage
        default: self.init(sqlClass: sqlState.prefix(2))
        }
    }

    private init(sqlClass: Substring) {
        switch sqlClass {
        case "08": self = .connectionLost
        // Class 54: a value is too long for its index, like SQLite's TOOBIG.
        case "22", "23", "44", "54": self = .constraint
        case "28": self = .cannotOpen
        case "0A", "21", "42": self = .statement
        case "58": self = .storage
        default: self = .other
        }
    }
}

extension SQLError {
    /// Makes an error for an operator from the first line of the server's message and its SQLSTATE.
    ///
    /// The details are left out because they quote values; in class 22 the first line also quotes values after a colon.
    init(sqlState: String, primary: String, constraint: String? = nil) {
        let isData = sqlState.hasPrefix("22")
        let text = isData ? String(primary.prefix { $0 != ":" }) : primary
        self.init(
            code: Code(sqlState: sqlState),
            message: "\(text) (SQLSTATE \(sqlState))\(Self.remedy(sqlState, constraint))")
    }

    private static func remedy(_ sqlState: String, _ constraint: String?) -> String {
        switch sqlState {
        case "25006": "; this server only reads (a standby?): name the primary in the database URL"
        case "3D000": "; make the database, or correct its name in the database URL"
        case "28P01", "28000": "; check the user in the database URL, its password, and the server's pg_hba.conf"
        case "53300": "; raise max_connections on the server, or use fewer instances"
        case "42501": "; grant the role what it needs, or make it the owner of the schema"
        default: constraint.map { ": \($0)" } ?? ""
        }
    }

    func with(code: Code) -> SQLError {
        SQLError(code: code, message: message, statement: statement)
    }

    func with(statement: String) -> SQLError {
        SQLError(code: code, message: message, statement: self.statement ?? statement)
    }
}
