// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Programs that Debian's packages bring.
enum Executable {
    static func find(_ name: String, package: String) throws -> URL {
        for folder in ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"] {
            let path = "\(folder)/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return URL(filePath: path) }
        }
        throw BrokerError.programMissing(name, package: package)
    }
}
