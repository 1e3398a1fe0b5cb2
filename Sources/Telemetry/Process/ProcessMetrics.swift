// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Linux's figures about this process, under the names that Prometheus' own clients use. Each scrape reads them from
/// `/proc`, which never waits for a disk.
package enum ProcessMetrics {
    package static func observe(in registry: MetricRegistry) {
        let readings: [(String, @Sendable (Sample) -> Double?)] = [
            ("process.cpu.time", { $0.cpuSeconds }),
            ("process.start.time", { $0.startSeconds }),
            ("process.memory.resident", { $0.residentBytes }),
            ("process.memory.virtual", { $0.virtualBytes }),
            ("process.threads", { $0.threads }),
            ("process.fds.open", { _ in openDescriptors() }),
            ("process.fds.limit", { _ in descriptorLimit() }),
        ]
        for (label, read) in readings {
            registry.observe(label) {
                guard let sample = Sample(), let value = read(sample) else { return [] }
                return [([], value)]
            }
        }
    }

    /// The fields of `/proc/self/stat` (proc(5)), in seconds and bytes.
    struct Sample: Equatable {
        let cpuSeconds: Double
        let startSeconds: Double?
        let residentBytes: Double
        let virtualBytes: Double
        let threads: Double

        init?() {
            guard let stat = ProcessMetrics.text("/proc/self/stat") else { return nil }
            self.init(stat: stat, boot: ProcessMetrics.bootSeconds, ticks: Double(sysconf(Int32(_SC_CLK_TCK))))
        }

        /// Returns nil if the text is no `stat`. Fields count from the end of the command's name, which may contain any
        /// character.
        init?(stat: String, boot: Double?, ticks: Double, page: Double = Double(sysconf(Int32(_SC_PAGESIZE)))) {
            guard let end = stat.lastIndex(of: ")") else { return nil }
            let fields = stat[stat.index(after: end)...].split(separator: " ").map { Double($0) }
            // Field 3 of proc(5), the state, is the first here.
            func field(_ number: Int) -> Double? { fields.indices.contains(number - 3) ? fields[number - 3] : nil }
            guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
                let virtual = field(23), let resident = field(24)
            else { return nil }
            cpuSeconds = (user + system) / ticks
            startSeconds = boot.map { $0 + start / ticks }
            virtualBytes = virtual
            residentBytes = resident * page
            self.threads = threads
        }
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// When this machine started, in seconds of UTC.
    private static let bootSeconds: Double? = text("/proc/stat")?.split(separator: "\n")
        .first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }

    private static func openDescriptors() -> Double? {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count) }
    }

    private static func descriptorLimit() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }
}
