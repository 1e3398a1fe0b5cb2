// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation
import NIOCore
import SQL
import Service

/// Why a command can't begin or go on, in words: what is wrong, with the file, address or variable, and the remedy.
///
/// The one place where errors of SQLite, PostgreSQL, NIO and Foundation are put into words for a shell.
enum FailureInWords {
    /// What nothing nearer to the cause has put into words.
    static func of(_ error: any Error) -> any Error {
        switch error {
        case let error as SQLError: CommandError("the database: \(error.message)")
        case let error as CocoaError: CommandError(file(error))
        case let error as PeopleError: CommandError(error.wordsForShell)
        case let error as UnitError: CommandError(error.wordsForShell)
        case let error as IOError: CommandError(String(cString: strerror(error.errnoCode)))
        default: error
        }
    }

    // MARK: - Files

    /// A path that has to be the database: says whether it is missing, hidden from this user, or no file. `remedy` is
    /// for the first.
    static func requireDatabase(at path: String, orElse remedy: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            switch errno {
            case ENOENT: throw CommandError("there is no database at \(path): \(remedy)")
            case ENOTDIR: throw noFolder(URL(filePath: path).deletingLastPathComponent().path)
            case let number: throw CommandError("cannot open \(path): \(FileReading.reason(number, path))")
            }
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw CommandError(
                "\(path) is a folder, not a database: name its folder with --data, or a file with --database")
        }
        guard access(path, R_OK | W_OK) == 0 else {
            throw CommandError("cannot open \(path): \(FileReading.reason(errno, path))")
        }
    }

    /// Makes the data folder, for its owner alone, if it is not there.
    static func makeFolder(_ url: URL) throws {
        var status = stat()
        if stat(url.path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { throw noFolder(url.path) }
            guard access(url.path, R_OK | W_OK | X_OK) == 0 else {
                throw CommandError("cannot use the data folder \(url.path): \(FileReading.reason(errno, url.path))")
            }
            return
        }
        let number = errno
        guard number == ENOENT else {
            throw number == ENOTDIR
                ? noFolder(url.path)
                : CommandError("cannot use the data folder \(url.path): \(FileReading.reason(number, url.path))")
        }
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let reason = (error as? CocoaError).flatMap(number(of:)).map { FileReading.reason($0, url.path) }
            throw CommandError(
                "cannot make the data folder \(url.path): \(reason ?? "\(error)"); or name another with --data")
        }
    }

    private static func noFolder(_ path: String) -> CommandError {
        CommandError("\(path) is a file, not a folder: name the data folder with --data")
    }

    private static func file(_ error: CocoaError) -> String {
        let path = error.userInfo[NSFilePathErrorKey] as? String ?? (error.userInfo[NSURLErrorKey] as? URL)?.path
        guard let path else { return "a file can't be read or written: \(error.localizedDescription)" }
        guard let number = number(of: error) else { return "\(path): \(error.localizedDescription)" }
        return "\(path): \(FileReading.reason(number, path))"
    }

    /// The system's own number behind an error of Foundation.
    private static func number(of error: CocoaError) -> Int32? {
        if let underlying = error.userInfo[NSUnderlyingErrorKey] as? POSIXError { return underlying.code.rawValue }
        return switch error.code {
        case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
        case .fileReadNoPermission, .fileWriteNoPermission: EACCES
        case .fileWriteOutOfSpace: ENOSPC
        case .fileWriteVolumeReadOnly: EROFS
        default: nil
        }
    }

    // MARK: - Databases

    /// - Parameter folder: where backups may be, for a file that is damaged; nil for a database that has none there.
    static func database(_ error: SQLError, _ location: DatabaseLocation, backupsIn folder: URL?) -> any Error {
        switch error.code {
        case .busy, .conflict, .timeout:
            CommandError("other programs have kept \(location) busy for too long: try again, nothing was written")
        case .connectionLost:
            CommandError("the connection to \(location) was lost: try again, nothing was written")
        case .unknownOutcome:
            CommandError(
                "the connection to \(location) was lost at the very end: look whether it was written before you try again"
            )
        case .storage, .cannotOpen, .other:
            CommandError(words(error, location, backupsIn: folder))
        case .constraint, .unexpectedValue, .statement, .notLeader:
            CommandError(error.message)
        }
    }

    static func words(_ error: SQLError, _ location: DatabaseLocation, backupsIn folder: URL?) -> String {
        switch location {
        case .sqlite(let path): sqlite(error.message, path, folder.flatMap { BackupFolder(in: $0).newest()?.file })
        case .postgreSQL: postgreSQL(error.message, location)
        }
    }

    /// Ways in which SQLite's words begin a sentence that an operator can act on.
    private static func sqlite(_ text: String, _ path: String, _ newestBackup: URL?) -> String {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        if text.contains("not a database") {
            return
                "\(path) is no database of SQLite's, or its beginning is damaged: look at what --data and --database name; if it was one, \(damageRemedy(path, newestBackup))"
        }
        if text.contains("malformed") { return "\(path) is damaged: \(damageRemedy(path, newestBackup))" }
        if text.contains("disk is full") { return "cannot write \(path): \(FileReading.reason(ENOSPC, path))" }
        if text.contains("readonly") {
            let number = access(path, W_OK) != 0 || access(folder, W_OK) != 0 ? errno : EACCES
            return "cannot write \(path): \(FileReading.reason(number, path))"
        }
        if text.contains("unable to open") {
            var status = stat()
            guard stat(folder, &status) == 0 else {
                return errno == ENOENT
                    ? "cannot make \(path): there is no folder \(folder). Make it first: mkdir -p '\(folder)'"
                    : "cannot open \(path): \(FileReading.reason(errno, folder))"
            }
            let number = access(folder, R_OK | W_OK | X_OK) != 0 ? errno : EACCES
            return "cannot open \(path): \(FileReading.reason(number, path))"
        }
        if text.contains("disk I/O error") {
            return "cannot read or write \(path): is there space (df -h '\(folder)'), and is its disk well (dmesg)?"
        }
        return "\(path): \(text); `consultease doctor` looks at it"
    }

    /// What to do about a damaged file.
    static func damageRemedy(_ path: String, _ newestBackup: URL?) -> String {
        guard let newestBackup else {
            return
                "stop the server and keep a copy of it and its -wal file; there is no backup, so save what can be read: sqlite3 '\(path)' .dump | sed 's/^ROLLBACK;.*/COMMIT;/' | sqlite3 saved.sqlite"
        }
        return
            "stop the server and restore the newest backup: consultease restore '\(newestBackup.path)' --replace, which keeps what is there"
    }

    private static func postgreSQL(_ text: String, _ location: DatabaseLocation) -> String {
        let variable = SettingName.databasePassword.variable
        let text = text.hasPrefix("\(location): ") ? String(text.dropFirst("\(location): ".count)) : text
        if text.contains("no password supplied") {
            return
                "\(location) asks for a password, and none was given: set \(variable), or database.password in the file of settings"
        }
        if text.contains("password authentication failed") {
            return
                "\(location) refuses the user or the password: correct the user in the URL or \(variable); pg_hba.conf there decides who may"
        }
        if text.contains("Connection refused") || text.contains("could not translate") || text.contains("No route")
            || text.contains("timeout expired") || text.contains("did not answer") || text.contains("No such file")
        {
            return
                "nothing answers at \(location) (\(text)): is PostgreSQL up there? Correct --database, or look for a firewall"
        }
        return "\(location): \(text)"
    }

    // MARK: - Addresses

    /// - Parameter flag: by which the address is chosen, as `--listen`.
    static func listening(_ error: IOError, _ listen: Endpoint, flag: String) -> CommandError {
        let remedy =
            switch error.errnoCode {
            case EADDRNOTAVAIL: "\(listen.host) is no address of this machine; `ip address` lists them. Correct \(flag)"
            case EADDRINUSE:
                "another program listens there: ss -ltnp 'sport = :\(listen.port)'. Stop it, or choose another address with \(flag)"
            case EACCES, EPERM: "ports below 1024 are root's. Choose another with \(flag), and put a proxy before it"
            default: "\(String(cString: strerror(error.errnoCode))). Choose another address with \(flag)"
            }
        return CommandError("cannot listen on \(listen): \(remedy)")
    }

    static func unknownHost(_ listen: Endpoint, flag: String) -> CommandError {
        CommandError("cannot listen on \(listen): the name \(listen.host) has no address here. Correct \(flag)")
    }
}
