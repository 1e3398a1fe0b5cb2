// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Whose a file is, and who runs this: for errors that are about permission.
enum Ownership {
    /// Why the user who runs this may not get at a path, and how it is done instead.
    static func refusal(of path: String) -> String {
        let me = name(of: geteuid())
        guard let (place, owner) = nearest(to: path) else { return "the user \(me) may not: run this as its owner" }
        guard owner != geteuid() else { return "the user \(me) may not, by the mode of \(place): ls -ld '\(place)'" }
        let other = name(of: owner)
        return
            "the user \(me) may not: \(place) belongs to \(other). Run this as \(other): sudo -u \(other) consultease …, or with the Debian package sudo consultease-run …"
    }

    /// The path itself or the nearest folder above it that can be looked at, and the user to whom it belongs.
    private static func nearest(to path: String) -> (place: String, owner: uid_t)? {
        var url = URL(filePath: path)
        while true {
            var status = stat()
            if stat(url.path, &status) == 0 { return (url.path, status.st_uid) }
            guard url.path != "/" else { return nil }
            url.deleteLastPathComponent()
        }
    }

    /// The user who runs this, and who became that user by sudo: for what is written down of a command.
    static var whoRunsThis: String {
        let name = name(of: getuid())
        guard let former = ProcessInfo.processInfo.environment["SUDO_USER"], former != name else { return name }
        return "\(name) (\(former) by sudo)"
    }

    /// As `consultease`; `#1000` if no user has the number.
    static func name(of user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return "#\(user)" }
        return String(cString: name)
    }
}
