// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation

/// What the machine must give: programs, space, a clock.
struct MachineChecks {
    let settings: Settings

    func run() -> [Finding] {
        [programs, space, year]
    }

    private var programs: Finding {
        guard settings.broker == nil else {
            return .skipped("programs", "a broker of your own is configured: the embedded one isn't needed")
        }
        let missing = BrokerFolder.missingPrograms
        guard !missing.isEmpty else { return .ok("programs", "mosquitto, mosquitto_passwd and setpriv are installed") }
        let packages = Set(missing.map(\.package)).sorted().joined(separator: " ")
        return .failed(
            "programs", "not installed: \(missing.map(\.name).joined(separator: ", "))",
            fix: "apt-get install \(packages), or name a broker of your own with --broker")
    }

    /// Enough for the journal, the broker's queue and a backup of a small university.
    private static let leastBytes: Int64 = 500_000_000
    /// On a small disk less will do.
    private static let leastShare = 0.05

    private var space: Finding {
        let folder = Self.nearestExisting(settings.dataFolder)
        guard let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path),
            let free = (attributes[.systemFreeSize] as? NSNumber)?.int64Value,
            let size = (attributes[.systemSize] as? NSNumber)?.int64Value
        else { return .skipped("disk-space", "the file system of \(folder.path) doesn't say") }
        let detail = "\(free / 1_000_000) MB free of \(size / 1_000_000) MB"
        guard free < Self.leastBytes, Double(free) < Double(size) * Self.leastShare else {
            return .ok("disk-space", detail)
        }
        return .failed(
            "disk-space", detail, fix: "make space on the file system of \(folder.path), or move the folder with --data"
        )
    }

    private static func nearestExisting(_ url: URL) -> URL {
        var url = url
        while !FileManager.default.fileExists(atPath: url.path), url.path != "/" { url.deleteLastPathComponent() }
        return url
    }

    /// A machine without a battery begins in 1970, or where it was switched off.
    private static let earliestYear = 2025

    private var year: Finding {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let now = WallClock.now().iso8601
        guard calendar.component(.year, from: Date()) >= Self.earliestYear else {
            return .failed("clock", "it is \(now), says this machine", fix: ClockFix.text)
        }
        return .ok("clock", now)
    }
}

enum ClockFix {
    static let text =
        "set the clock: timedatectl set-ntp true, and look whether it is reached: timedatectl timesync-status"
}
