// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import PostgreSQL

/// The database of a command.
enum DatabaseLocation: Sendable, CustomStringConvertible {
    /// A file on this machine.
    case sqlite(path: String)
    /// A server that several instances may share.
    case postgreSQL(PostgreSQLConfiguration)

    /// Parses `sqlite:FILE` or `postgres://USER@HOST:PORT/NAME`; nil means the data folder's own file.
    ///
    /// - Parameters:
    ///   - name: the setting, for errors.
    ///   - password: for PostgreSQL, if it requires one; never part of the URL.
    init(_ url: String?, setting name: String = "database", password: String?, in folder: URL) throws {
        guard let url else {
            self = .sqlite(path: folder.appending(path: "consultease.sqlite").path)
            return
        }
        if url.hasPrefix("sqlite:"), url.count > 7 {
            self = .sqlite(path: DataFolderPath.absolute(String(url.dropFirst(7))))
        } else if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            do {
                self = .postgreSQL(try PostgreSQLConfiguration(url: url, password: password))
            } catch {
                // The URL is not shown, since it may contain a password.
                let remedy = error == .passwordInURL ? "\(error): in \(Self.variable(of: name))" : "\(error)"
                throw SettingsError(setting: name, value: nil, remedy: remedy)
            }
        } else {
            throw SettingsError(
                setting: name, value: String(url.prefix { $0 != ":" }) + ":…",
                remedy: "write sqlite:FILE or postgres://USER@HOST:PORT/NAME")
        }
    }

    /// The variable that has the password of the database that a setting names.
    private static func variable(of setting: String) -> String {
        switch setting {
        case "from": SettingVariables.ofMove.from
        case "to": SettingVariables.ofMove.to
        default: SettingName.databasePassword.variable
        }
    }

    /// The location as text, without secrets.
    var description: String {
        switch self {
        case .sqlite(let path): path
        case .postgreSQL(let configuration): "\(configuration)"
        }
    }

    /// The SQLite file; nil for PostgreSQL.
    var path: String? {
        switch self {
        case .sqlite(let path): path
        case .postgreSQL: nil
        }
    }
}
