// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Temporary files and scratch databases that a killed command left behind. Their names contain its process id.
enum Leftovers {
    /// Returns a new folder name for a scratch database of this process.
    static func scratchName() -> String {
        ".restore-\(getpid())-\(UUID().uuidString.prefix(8))"
    }

    /// Removes the leftovers whose process has ended.
    static func remove(in folder: URL) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
            guard let pid = maker(of: name), kill(pid, 0) != 0, errno == ESRCH else { continue }
            try? FileManager.default.removeItem(at: folder.appending(path: name))  // The next command tries again.
        }
    }

    private static func maker(of name: String) -> pid_t? {
        if let match = name.wholeMatch(of: /\.consultease-.*\.backup\.([0-9]+)\.part(-journal)?/) {
            return pid_t(match.1)
        }
        return name.wholeMatch(of: /\.restore-([0-9]+)-[0-9A-F]{8}/).flatMap { pid_t($0.1) }
    }
}
