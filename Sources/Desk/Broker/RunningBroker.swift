// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The mosquitto that runs with a folder's configuration, as the folder's `running.json` tells of it.
struct RunningBroker: Codable {
    let pid: pid_t
    /// The text of the configuration that it was started with.
    private let configuration: String

    /// Where it listens for desk units: first those with credentials, then old units, if there is a listener for them.
    var listeners: [Endpoint] { BrokerConfiguration.listeners(of: configuration) }

    /// Nil if none runs.
    static func find(in folder: BrokerFolder) -> RunningBroker? {
        guard let data = try? Data(contentsOf: folder.runningPath),
            let told = try? JSONDecoder().decode(RunningBroker.self, from: data), told.isOurs(folder)
        else { return nil }
        return told
    }

    /// Another process may have the pid by now: its command line must name the folder's configuration file, by whatever
    /// path.
    private func isOurs(_ folder: BrokerFolder) -> Bool {
        guard let command = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")) else { return false }
        let words = command.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        // While the file is missing, only its name can be compared.
        guard let own = FileIdentity(of: folder.configurationPath) else {
            return words.contains(folder.configurationPath)
        }
        return words.dropFirst().contains { word in
            FileIdentity(of: word.hasPrefix("/") ? word : "/proc/\(pid)/cwd/\(word)") == own
        }
    }

    /// Whether it was started with this text.
    func hasConfiguration(_ text: String) -> Bool { configuration == text }

    /// Writes down that the process runs with the configuration that stands in the folder: as it is read, since it is
    /// what mosquitto has read.
    static func note(_ pid: pid_t, in folder: BrokerFolder) throws -> RunningBroker {
        let text = try String(contentsOfFile: folder.configurationPath, encoding: .utf8)
        let running = RunningBroker(pid: pid, configuration: text)
        try folder.write(String(decoding: try JSONEncoder().encode(running), as: UTF8.self), to: BrokerFiles.running)
        return running
    }

    /// It has ended.
    static func forget(in folder: BrokerFolder) {
        try? FileManager.default.removeItem(at: folder.runningPath)
    }
}
