// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The time zones of this machine, by their IANA names, since browsers know no others for sure. ICU accepts more, such
/// as `GMT+8` or `PST`, which a browser refuses.
struct ZoneDatabase {
    let folder: URL

    static let system = ZoneDatabase(folder: URL(filePath: "/usr/share/zoneinfo"))

    /// The zone of this name, spelt as IANA spells it; nil if there is none.
    func zone(named name: String) -> TimeZone? {
        // "Factory" means that no zone was set, and browsers refuse it.
        guard name != "Factory", names?.contains(name) ?? Self.isRegional(name) else { return nil }
        return TimeZone(identifier: name)
    }

    /// Returns the names of the zones whose file has these contents, first those that `zone.tab` lists for a country.
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

    /// Returns the zone's name for a path below this database.
    func name(of path: String) -> String? {
        guard let range = path.range(of: "/zoneinfo/", options: .backwards) else { return nil }
        let name = path[range.upperBound...]
        return name.hasPrefix("posix/") ? String(name.dropFirst("posix/".count)) : String(name)
    }

    /// Returns the zones and links in `tzdata.zi`; nil if that isn't installed.
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

    /// Whether a name looks like an IANA name, for machines without `tzdata.zi`.
    private static func isRegional(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name == "UTC" || parts.count > 1 && regions.contains(String(parts[0]))
    }
}
