// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation

/// Checks the machine: programs, disk space, clock.
struct MachineChecks {
    let settings: Settings

    func run() -> [Finding] {
        [programs, fileSystem, space, year, zone]
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

    /// Checks that the disk is writable: Linux remounts a file system read-only when its medium fails.
    private var fileSystem: Finding {
        var folders = [settings.dataFolder]
        if let path = settings.database.path { folders.append(URL(filePath: path).deletingLastPathComponent()) }
        for folder in folders.map(Self.nearestExisting) {
            var facts = statvfs()
            guard statvfs(folder.path, &facts) == 0 else { continue }
            guard facts.f_flag & UInt(ST_RDONLY) == 0 else {
                return .failed(
                    "file-system", "the file system of \(folder.path) is read-only: nothing can be stored",
                    fix:
                        "see why: dmesg | grep -i -e error -e remount; once the medium is well: mount -o remount,rw \"$(findmnt -no TARGET -T '\(folder.path)')\", and start the server again"
                )
            }
        }
        return .ok("file-system", "it can be written to")
    }

    /// Enough for the journal, the broker's queue and a backup of a small university.
    private static let leastBytes: Int64 = 500_000_000
    /// The share of a small disk that is enough.
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

    /// Checks the clock: a machine without a clock battery starts in 1970, or at the time when it was switched off.
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

    /// Shows the time in the configured zone, so that an operator sees if it is wrong. `date` uses the machine's zone.
    private var zone: Finding {
        let found: PlaceZone
        switch settings.timeZone {
        case .success(let zone): found = zone
        case .failure(let error):
            return .failed(
                "time-zone", "\(error)",
                fix:
                    "set CONSULTEASE_TIME_ZONE to an IANA name, as Asia/Manila; `timedatectl list-timezones` shows them"
            )
        }
        let now = Date()
        let (ours, machines) = (found.zone.secondsFromGMT(for: now), Self.offsetOfDate(at: now))
        let detail = "\(found.name), \(found.origin.words): pages show \(Self.clock(now, ours))"
        guard ours != machines else { return .ok("time-zone", "\(detail), and so does `date`") }
        let difference = "\(detail), `date` shows \(Self.clock(now, machines))"
        // A machine may use UTC although its place has another zone.
        guard found.origin != .setting else { return .ok("time-zone", difference) }
        return .failed(
            "time-zone", difference,
            fix:
                "set the machine's zone, as timedatectl set-timezone \(found.name), or name the place's in CONSULTEASE_TIME_ZONE; then restart the server"
        )
    }

    /// The offset from UTC that `date` uses: both ask the C library.
    private static func offsetOfDate(at moment: Date) -> Int {
        var seconds = time_t(moment.timeIntervalSince1970)
        var local = tm()
        localtime_r(&seconds, &local)
        return local.tm_gmtoff
    }

    private static func clock(_ moment: Date, _ offset: Int) -> String {
        let minutes = ((Int(moment.timeIntervalSince1970) + offset) / 60) % 1440
        let (sign, east) = (offset < 0 ? "-" : "+", abs(offset) / 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(minutes / 60):\(two(minutes % 60)) (UTC\(sign)\(two(east / 60)):\(two(east % 60)))"
    }
}

enum ClockFix {
    static let text =
        "set the clock: timedatectl set-ntp true, and look whether it is reached: timedatectl timesync-status"
}
