// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The time zones of this machine, by the names that IANA gives them: every browser knows those, and no others for sure.
/// ICU takes more, such as `GMT+8` or `PST`, which a browser refuses.
struct ZoneDatabase {
    let folder: URL

    static let system = ZoneDatabase(folder: URL(filePath: "/usr/share/zoneinfo"))

    /// The zone of this name, spelt as IANA spells it; nil if there is none.
    func zone(named name: String) -> TimeZone? {
        // It stands for a machine on which nothing was set, and browsers refuse it.
        guard name != "Factory", names?.contains(name) ?? Self.isRegional(name) else { return nil }
        return TimeZone(identifier: name)
    }

    /// The names of zones whose file holds these bytes: the ones that `zone.tab` names for a country come first.
    func names(ofZoneWith bytes: Data) -> [String] {
        let places = Set(
            lines(of: "zone.tab").compactMap { $0.split(separator: "\t").dropFirst(2).first.map(String.init) })
        return (names ?? places).filter { name in
            let file = folder.appending(path: name).path
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: URL(filePath: file).resolvingSymlinksInPath().path)
            guard (attributes?[.size] as? NSNumber)?.intValue == bytes.count else { return false }
            return FileManager.default.contents(atPath: file) == bytes
        }
        .sorted { (places.contains($0) ? 0 : 1, $0) < (places.contains($1) ? 0 : 1, $1) }
    }

    /// The name that a path below this database stands for.
    func name(of path: String) -> String? {
        guard let range = path.range(of: "/zoneinfo/", options: .backwards) else { return nil }
        let name = path[range.upperBound...]
        return name.hasPrefix("posix/") ? String(name.dropFirst("posix/".count)) : String(name)
    }

    /// Zones and links as `tzdata.zi` lists them; nil if that isn't installed.
    private var names: Set<String>? {
        let listed = lines(of: "tzdata.zi").compactMap { line -> String? in
            let words = line.split(separator: " ")
            switch words.first {
            case "Z": return words.count > 1 ? String(words[1]) : nil
            case "L": return words.count > 2 ? String(words[2]) : nil
            default: return nil
            }
        }
        return listed.isEmpty ? nil : Set(listed)
    }

    private func lines(of file: String) -> [Substring] {
        guard let data = FileManager.default.contents(atPath: folder.appending(path: file).path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    private static let regions: Set<String> = [
        "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Etc", "Europe", "Indian",
        "Pacific",
    ]

    /// What can be said of a name without a list.
    private static func isRegional(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name == "UTC" || parts.count > 1 && regions.contains(String(parts[0]))
    }
}
