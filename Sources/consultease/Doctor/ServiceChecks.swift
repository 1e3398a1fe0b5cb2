// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation

/// Checks the services if systemd runs this machine and they serve this folder.
struct ServiceChecks {
    let folder: URL

    private static let name = "services"
    private static let units = ["consultease-broker.service", "consultease.service", "consultease-backup.timer"]
    /// The services' `StateDirectory`.
    private static let theirs = "/var/lib/consultease"

    func run() async -> Finding {
        guard FileManager.default.fileExists(atPath: "/run/systemd/system") else {
            return .skipped(Self.name, "systemd doesn't run this machine")
        }
        guard FileIdentity(of: folder.path) == FileIdentity(of: Self.theirs) else {
            return .skipped(Self.name, "the services serve \(Self.theirs)")
        }
        var ailing: [String] = []
        var listed: [String] = []
        for unit in Self.units {
            guard let state = await UnitState.ask(unit) else {
                return .skipped(Self.name, "systemctl doesn't answer")
            }
            listed.append("\(unit) \(state.active), \(state.file)")
            if state.isAiling { ailing.append(unit) }
        }
        guard !ailing.isEmpty else { return .ok(Self.name, listed.joined(separator: "; ")) }
        let names = ailing.joined(separator: " ")
        return .failed(
            Self.name, listed.joined(separator: "; "),
            fix: "see why: journalctl -u \(ailing[0]) -n 50; then: systemctl start \(names)")
    }
}

/// The state of a systemd unit.
struct UnitState: Sendable {
    /// `active`, `inactive`, `failed`, …
    let active: String
    /// `enabled`, `disabled`, … or `not installed`.
    let file: String

    /// Whether the unit failed, or is enabled and yet inactive. A disabled or missing unit is the operator's choice.
    var isAiling: Bool { active == "failed" || (file == "enabled" && active == "inactive") }

    /// Reads the `KEY=VALUE` lines of `systemctl show`; returns nil if systemctl can't be run.
    static func ask(_ unit: String) async -> UnitState? {
        guard let text = await output(of: ["/usr/bin/systemctl", "show", "-p", "ActiveState,UnitFileState", unit])
        else {
            return nil
        }
        var values: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let active = values["ActiveState"] else { return nil }
        let file = values["UnitFileState"] ?? ""
        return UnitState(active: String(active), file: file.isEmpty ? "not installed" : String(file))
    }

    private static func output(of command: [String]) async -> String? {
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        // The few lines fit into the pipe, so the process ends although its output is read only afterwards.
        let status: Int32? = await withCheckedContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(returning: nil)
            }
        }
        guard status == 0, let data = try? pipe.fileHandleForReading.readToEnd() else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
