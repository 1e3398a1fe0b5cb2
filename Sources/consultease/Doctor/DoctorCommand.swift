// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong with this installation, and print a fix for each failed check.",
        discussion: """
            Changes nothing, and runs beside a server or without one. Give it the flags that `serve` was given; where the \
            server listens, the folder remembers.

            Examples:
              consultease doctor
              consultease doctor --data /var/lib/consultease --listen 0.0.0.0:8080
              consultease doctor --peer 192.0.2.12:8080 \\
                --database postgres://consultease@db.example.edu/consultease
              consultease doctor --quiet
              consultease doctor --json

            Exit code 1 where a check failed.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var edge: EdgeOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where another server on the same database listens: it must be ready and have the same past. May be repeated.",
            valueName: "host:port"),
        transform: { text in
            guard let endpoint = Endpoint(text), endpoint.port > 0 else {
                throw ValidationError("--peer is HOST:PORT, as in 192.0.2.12:8080")
            }
            return endpoint
        })
    var peer: [Endpoint] = []

    @Flag(help: "Print failed checks alone, and nothing if all is well.")
    var quiet = false

    @Flag(help: "Print {\"ok\", \"checks\": [{\"name\", \"status\", \"detail\", \"fix\"}]} for scripts.")
    var json = false

    func run() async throws {
        let settings = try await Settings.resolve(edge.flags(with: data))
        let findings = await Diagnosis(settings: settings, peers: peer).run { finding in
            // Printed one by one, since some checks take long.
            if !json, !quiet || finding.status == .failed { print(finding.text) }
        }
        let failures = findings.count { $0.status == .failed }
        if json {
            let told = quiet ? findings.filter { $0.status == .failed } : findings
            try JSONOutput.print(Report(ok: failures == 0, checks: told))
        } else if !quiet {
            print(failures == 0 ? "\nAll is well" : "\n\(failures) of \(findings.count) checks failed")
        }
        if failures > 0 { throw ExitCode.failure }
    }

    private struct Report: Encodable {
        let ok: Bool
        let checks: [Finding]
    }
}
