// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import PostgreSQL

/// Which database a command works with.
enum DatabaseLocation: Sendable, CustomStringConvertible {
    /// A file on this machine.
    case sqlite(path: String)
    /// A server that several instances may share.
    case postgreSQL(PostgreSQLConfiguration)

    /// Reads `sqlite:FILE` or `postgres://USER@HOST:PORT/NAME`; nothing is the data folder's own file.
    ///
    /// - Parameters:
    ///   - name: the setting, for errors.
    ///   - password: PostgreSQL's, where it asks for one; never part of the URL.
    init(_ url: String?, setting name: String = "database", password: String?, in folder: URL) throws {
        guard let url else {
            self = .sqlite(path: folder.appending(path: "consultease.sqlite").path)
            return
        }
        if url.hasPrefix("sqlite:"), url.count > 7 {
            self = .sqlite(path: URL(filePath: String(url.dropFirst(7))).absoluteURL.path)
        } else if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            self = .postgreSQL(try PostgreSQLConfiguration(url: url, password: password))
        } else {
            throw SettingsError(
                setting: name, value: String(url.prefix { $0 != ":" }) + ":…",
                remedy: "write sqlite:FILE or postgres://USER@HOST:PORT/NAME")
        }
    }

    /// For people; no secrets.
    var description: String {
        switch self {
        case .sqlite(let path): path
        case .postgreSQL(let configuration): "\(configuration)"
        }
    }

    /// The file, where there is one.
    var path: String? {
        switch self {
        case .sqlite(let path): path
        case .postgreSQL: nil
        }
    }
}
