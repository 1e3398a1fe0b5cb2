// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Foundation

extension BrokerFolder {
    /// What the folder tells of the embedded broker, without changing anything.
    package struct Inspection: Sendable, Hashable {
        /// Whether a broker was ever prepared here.
        package let isPrepared: Bool
        /// The mosquitto that runs with this folder's configuration.
        package let pid: pid_t?
        /// The TCP ports of its configuration.
        package let listeners: [BrokerConfiguration.Endpoint]
        /// Files with secrets that others than their owner can read.
        package let looseFiles: [String]
    }

    package func inspection() -> Inspection {
        let configuration = try? String(contentsOfFile: configurationPath, encoding: .utf8)
        return Inspection(
            isPrepared: configuration != nil, pid: runningPID, listeners: Self.listeners(configuration ?? ""),
            looseFiles: [Self.passwordsName, Self.serverPasswordName].filter { isLoose($0) })
    }

    /// The programs that the embedded broker needs, those of them that are not installed, with Debian's package.
    package static var missingPrograms: [(name: String, package: String)] {
        [("mosquitto", "mosquitto"), ("mosquitto_passwd", "mosquitto"), ("setpriv", "util-linux")].filter { program in
            (try? Executable.find(program.0, package: program.1)) == nil
        }
    }

    private struct Running: Decodable {
        let pid: pid_t
    }

    /// A pid alone may be anybody's by now: the process must have our configuration file in its command line.
    private var runningPID: pid_t? {
        guard let data = try? Data(contentsOf: runningPath),
            let pid = (try? JSONDecoder().decode(Running.self, from: data))?.pid,
            let command = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")),
            command.split(separator: 0).contains(Data(configurationPath.utf8))
        else { return nil }
        return pid
    }

    private static func listeners(_ configuration: String) -> [BrokerConfiguration.Endpoint] {
        configuration.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "listener", let port = Int(words[1]), port > 0 else { return nil }
            return BrokerConfiguration.Endpoint(host: String(words[2]), port: port)
        }
    }

    private func isLoose(_ name: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.appending(path: name).path)
        guard let mode = attributes?[.posixPermissions] as? NSNumber else { return false }
        return mode.intValue & 0o077 != 0
    }
}
