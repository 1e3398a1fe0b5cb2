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
            self = .sqlite(path: DataFolderPath.absolute(String(url.dropFirst(7))))
        } else if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            do {
                self = .postgreSQL(try PostgreSQLConfiguration(url: url, password: password))
            } catch {
                // Without the URL: it may have a password in it.
                let remedy = error == .passwordInURL ? "\(error): in \(Self.variable(of: name))" : "\(error)"
                throw SettingsError(setting: name, value: nil, remedy: remedy)
            }
        } else {
            throw SettingsError(
                setting: name, value: String(url.prefix { $0 != ":" }) + ":…",
                remedy: "write sqlite:FILE or postgres://USER@HOST:PORT/NAME")
        }
    }

    /// Where the password of the database stands that a setting names.
    private static func variable(of setting: String) -> String {
        switch setting {
        case "from": SettingVariables.ofMove.from
        case "to": SettingVariables.ofMove.to
        default: SettingName.databasePassword.variable
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
