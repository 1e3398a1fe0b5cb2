// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The time zone of the pages, and its source.
struct PlaceZone: Sendable {
    /// The IANA name, which the pages pass to browsers.
    let name: String
    let zone: TimeZone
    let origin: Origin

    enum Origin: Sendable, Hashable {
        case setting
        /// The environment's `TZ`, which `date` goes by too.
        case environment
        /// `/etc/timezone`.
        case file
        /// Where `/etc/localtime` points.
        case link
        /// `/etc/localtime` is a copy of this zone.
        case copy
        /// There is no `/etc/localtime`, so the machine's clock shows UTC.
        case nothing

        /// The text for an operator.
        var words: String {
            switch self {
            case .setting: "by the setting time.zone"
            case .environment: "by TZ"
            case .file: "by /etc/timezone"
            case .link: "by the link /etc/localtime"
            case .copy: "by what /etc/localtime is a copy of"
            case .nothing: "since there is no /etc/localtime"
            }
        }
    }
}

/// Finds the machine's own zone. It guesses nothing: with a wrong zone, a screen would be hours off.
struct MachineZone {
    var folder = URL(filePath: "/etc")
    var database = ZoneDatabase.system
    var environment = ProcessInfo.processInfo.environment

    /// Throws `SettingsError` if the machine's zone has no name that browsers know.
    func find() throws(SettingsError) -> PlaceZone {
        if let text = environment["TZ"], !text.isEmpty {
            guard let zone = zone(written(text), .environment) else {
                throw Self.unknown("TZ is \"\(text)\", which is no IANA name")
            }
            return zone
        }
        if let zone = zone(fileText, .file) ?? zone(linkTarget, .link) { return zone }
        guard let bytes = FileManager.default.contents(atPath: localTime.path) else {
            guard !FileManager.default.fileExists(atPath: localTime.path), let zone = zone("UTC", .nothing) else {
                throw Self.unknown("\(localTime.path) can't be read")
            }
            return zone
        }
        for name in database.names(ofZoneWith: bytes) {
            if let zone = zone(name, .copy) { return zone }
        }
        throw Self.unknown("\(localTime.path) is none of the zones in \(database.folder.path)")
    }

    private var localTime: URL { folder.appending(path: "localtime") }

    private func zone(_ name: String?, _ origin: PlaceZone.Origin) -> PlaceZone? {
        guard let name, let zone = database.zone(named: name) else { return nil }
        return PlaceZone(name: name, zone: zone, origin: origin)
    }

    /// `TZ` may begin with a colon, and may be a path.
    private func written(_ text: String) -> String {
        let name = text.hasPrefix(":") ? String(text.dropFirst()) : text
        return database.name(of: name) ?? name
    }

    private var fileText: String? {
        guard let data = FileManager.default.contents(atPath: folder.appending(path: "timezone").path) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }.first { !$0.isEmpty && !$0.hasPrefix("#") }
    }

    /// Follows links only as far as the database, in which a zone's name may itself be a link to another.
    private var linkTarget: String? {
        var path = localTime.path
        for _ in 0..<8 {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return nil }
            path = target.hasPrefix("/") ? target : URL(filePath: path).deletingLastPathComponent().path + "/" + target
            if let name = database.name(of: path) { return name }
        }
        return nil
    }

    private static func unknown(_ why: String) -> SettingsError {
        SettingsError(
            setting: "time.zone", value: "",
            remedy:
                "this machine doesn't tell its zone (\(why)): set CONSULTEASE_TIME_ZONE, or time.zone in the file, to an IANA name, as Asia/Manila"
        )
    }
}
