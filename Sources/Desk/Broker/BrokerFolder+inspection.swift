// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Foundation

extension BrokerFolder {
    /// What the folder tells of the embedded broker, without changing anything.
    package struct Inspection: Sendable, Hashable {
        /// Whether a broker was ever started here.
        package let isPrepared: Bool
        /// The mosquitto that runs with this folder's configuration.
        package let pid: pid_t?
        /// Where it listens on TCP, or listened last: first for units with credentials, then, if it does, for old
        /// ones.
        package let listeners: [Endpoint]
        /// Files with secrets that others than their owner can read.
        package let looseFiles: [String]
        /// Credentials that were found damaged and set aside: until an operator removes them the open listener is
        /// closed.
        package let damagedPasswords: [String]
        /// Files that are not whole, and queues that were set aside.
        package let damage: [BrokerFileDamage]
    }

    package func inspection() -> Inspection {
        // Read as it is: a damaged one is no sign that none was ever written.
        let configuration = (try? Data(contentsOf: URL(filePath: configurationPath))).map {
            String(decoding: $0, as: UTF8.self)
        }
        let running = RunningBroker.find(in: self)
        return Inspection(
            isPrepared: configuration != nil, pid: running?.pid,
            listeners: running?.listeners ?? BrokerConfiguration.listeners(of: configuration ?? ""),
            looseFiles: [BrokerFiles.passwords, BrokerFiles.serverPassword].filter { isLoose($0) },
            damagedPasswords: damagedPasswords, damage: damage())
    }

    /// The programs that the embedded broker needs, those of them that are not installed, with Debian's package.
    package static var missingPrograms: [(name: String, package: String)] {
        [("mosquitto", "mosquitto"), ("mosquitto_passwd", "mosquitto"), ("setpriv", "util-linux")].filter { program in
            (try? Executable.find(program.0, package: program.1)) == nil
        }
    }

    private func isLoose(_ name: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.appending(path: name).path)
        guard let mode = attributes?[.posixPermissions] as? NSNumber else { return false }
        return mode.intValue & 0o077 != 0
    }
}
