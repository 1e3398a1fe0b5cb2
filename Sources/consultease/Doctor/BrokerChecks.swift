// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation
import MQTT

/// Checks the embedded broker, or the external one if `--broker` names it.
struct BrokerChecks {
    let settings: Settings
    let isServed: Bool

    func run() async -> [Finding] {
        if let external = settings.broker {
            return [await outside(external)] + line(external.address)
                + ["broker-files", "broker-credentials", "desks-port"].map { .skipped($0, Self.isOutside) }
        }
        let folder = BrokerFolder(in: settings.dataFolder)
        let found = folder.inspection()
        return [await embedded(folder, found), files(folder, found), credentials(folder, found)] + (await ports(found))
    }

    private static let isOutside = "a broker of your own is configured"

    /// Connects without credentials first, since that disturbs no session.
    private func outside(_ external: Settings.ExternalBroker) async -> Finding {
        switch await BrokerProbe.ask(external.address, nil) {
        case .welcome: await signedIn(external, "lets anybody in")
        case .stranger: await signedIn(external, "lets no stranger in")
        case .nobody(let why):
            .failed(
                "broker", "nothing answers at \(external.address): \(why)",
                fix: "start the broker, or correct --broker; look for a firewall between")
        case .unsecured(let failure):
            .failed("broker", "the line to \(external.address) can't be secured: \(failure.problem)", fix: failure.fix)
        case .refusal(let why):
            .failed(
                "broker", "what answers at \(external.address) is no broker for us: \(why)",
                fix: "correct --broker; see what listens there")
        }
    }

    /// Checks the configured user and password. `manner` says how the broker treats clients without credentials.
    private func signedIn(_ external: Settings.ExternalBroker, _ manner: String) async -> Finding {
        let (address, variable) = (external.address, SettingName.brokerPassword.variable)
        let place = settings.origins[.brokerPassword]?.place.map { " (it stands in \($0))" } ?? " (it is not set)"
        guard let credentials = external.credentials else {
            guard manner == "lets no stranger in" else { return .ok("broker", "\(address) answers, and \(manner)") }
            return .failed(
                "broker", "\(address) answers, but \(manner), and --broker names no user",
                fix: "write mqtts://USER@HOST:PORT in --broker, and the password in \(variable)")
        }
        let refused = Finding.failed(
            "broker", "\(address) answers, but refuses the user \(credentials.userName) with this password",
            fix: "correct \(variable)\(place), or the user in --broker")
        if let password = ownPassword(at: external) {
            return credentials.password == password
                ? .ok("broker", "\(address) answers, and \(manner); the password is right") : refused
        }
        switch await BrokerProbe.signIn(address, credentials) {
        case .welcome:
            return .ok("broker", "\(address) answers, and \(manner); \(credentials.userName) is signed in")
        case .stranger: return refused
        case .nobody(let why), .refusal(let why):
            return .failed(
                "broker", "\(address) answers, but ends the connection of \(credentials.userName): \(why)",
                fix: "read the broker's log; correct \(variable)\(place), or the user in --broker")
        case .unsecured(let failure): return .failed("broker", failure.problem, fix: failure.fix)
        }
    }

    /// Returns the server's password at the folder's own broker, if `--broker` names that one; nil for any other broker
    /// or user. `doctor` must not sign in there as the server: this broker names sessions by their user, so it would
    /// take over the server's session.
    private func ownPassword(at external: Settings.ExternalBroker) -> String? {
        let folder = BrokerFolder(in: settings.dataFolder)
        let found = folder.inspection()
        guard external.credentials?.userName == BrokerConfiguration.serverUser, found.pid != nil,
            case .tcp(let host, let port) = external.address,
            found.listeners.contains(where: { $0.reachable == Endpoint(host: host, port: port).reachable })
        else { return nil }
        return (try? folder.serverPassword())?.trimmingCharacters(in: .newlines)
    }

    /// Checks that the connection to the broker is encrypted if it crosses the network.
    private func line(_ address: BrokerAddress) -> [Finding] {
        guard address.crossesNetworkUnprotected else {
            return [.ok("broker-tls", address.isSecured ? "secured by TLS" : "it doesn't leave this machine")]
        }
        return [
            .failed(
                "broker-tls", "passwords and presence cross the network to \(address) unprotected",
                fix: "let the broker listen with TLS, as a rule at 8883, and write mqtts:// in --broker")
        ]
    }

    private func embedded(_ folder: BrokerFolder, _ found: BrokerFolder.Inspection) async -> Finding {
        guard found.isPrepared else { return .skipped("broker", "none was ever started in this folder") }
        guard let pid = found.pid else {
            return isServed
                ? .failed(
                    "broker", "the server runs, but its broker doesn't",
                    fix:
                        "read \(folder.logPath); the server starts it again by itself once the cause is gone"
                )
                : .skipped("broker", "it runs with the server")
        }
        let credentials = (try? folder.serverPassword()).map {
            Credentials(userName: BrokerConfiguration.serverUser, password: $0)
        }
        let log = folder.logPath
        switch await BrokerProbe.ask(.unix(path: folder.socketPath), credentials) {
        case .welcome: return .ok("broker", "mosquitto runs as the process \(pid) and answers")
        case .unsecured(let failure):
            // A Unix socket has no TLS to fail.
            return .failed("broker", "\(failure.problem)", fix: failure.fix)
        case .nobody(let why):
            return .failed(
                "broker", "mosquitto runs as the process \(pid), but its socket doesn't answer: \(why)",
                fix: "read \(log); kill \(pid), and the server starts it again")
        case .refusal(let why), .stranger(let why):
            return .failed(
                "broker", "mosquitto runs as the process \(pid), but would not have the server: \(why)",
                fix: "read \(log); kill \(pid), and the server starts it again with the credentials in the folder")
        }
    }

    /// Checks the files for the damage of a power cut: they are empty, full of zeros or truncated.
    private func files(_ folder: BrokerFolder, _ found: BrokerFolder.Inspection) -> Finding {
        guard found.isPrepared else { return .skipped("broker-files", "there are none yet") }
        guard !found.damage.isEmpty else { return .ok("broker-files", "each is whole") }
        let names = { (damage: [BrokerFileDamage]) in damage.map(\.file).joined(separator: ", ") }
        let (lossy, others) = (found.damage.filter(\.losesData), found.damage.filter { !$0.losesData })
        let words =
            (lossy.isEmpty ? [] : ["\(names(lossy)): what units said, or their credentials, may be lost"])
            + (others.isEmpty ? [] : ["\(names(others)): nothing is lost"])
        return .failed(
            "broker-files", "damaged in \(folder.url.path): " + words.joined(separator: "; "),
            fix:
                "restart the server and its broker: they set damaged files aside and make them anew. Remove what was set aside once you have looked at it; give units that are refused a credential (unit credential ID)"
        )
    }

    private func credentials(_ folder: BrokerFolder, _ found: BrokerFolder.Inspection) -> Finding {
        guard found.isPrepared else { return .skipped("broker-credentials", "there are none yet") }
        guard found.damagedPasswords.isEmpty else {
            let names = found.damagedPasswords.map { "'\(folder.url.path)/\($0)'" }.joined(separator: " ")
            return .failed(
                "broker-credentials",
                "credentials were damaged, and units that had one may be refused; --open-desks is closed meanwhile",
                fix: "give each refused unit a credential (unit credential ID), then: rm \(names); restart the broker")
        }
        guard !found.looseFiles.isEmpty else { return .ok("broker-credentials", "readable by their owner alone") }
        let names = found.looseFiles.map { "'\(folder.url.path)/\($0)'" }.joined(separator: " ")
        return .failed("broker-credentials", "others may read \(names)", fix: "chmod 600 \(names)")
    }

    /// Checks that each listener's port belongs to our mosquitto, or is free if that doesn't run.
    private func ports(_ found: BrokerFolder.Inspection) async -> [Finding] {
        let isOurs = found.pid != nil
        let configured = [settings.desks] + (settings.openDesks.map { [$0] } ?? [])
        var findings: [Finding] = []
        // The address that the broker last listened at takes precedence over a default.
        let isRemembered = !found.listeners.isEmpty && (isOurs || settings.origins[.desks] == nil)
        for endpoint in isRemembered ? found.listeners : configured {
            findings.append(await port(endpoint, isOurs: isOurs))
        }
        return findings
    }

    private func port(_ endpoint: Endpoint, isOurs: Bool) async -> Finding {
        let answer = await BrokerProbe.ask(.tcp(host: endpoint.reachable.host, port: endpoint.port), nil)
        switch (answer, isOurs) {
        case (.welcome, true), (.stranger, true), (.refusal, true), (.unsecured, true):
            return .ok("desks-port", "desk units reach \(endpoint)")
        case (.nobody, false): return .ok("desks-port", "\(endpoint) is free")
        case (.nobody(let why), true):
            return .failed(
                "desks-port", "our mosquitto runs, but nothing answers at \(endpoint): \(why)",
                fix: "read mosquitto.log in the folder; look for a firewall: nft list ruleset")
        case (.welcome, false), (.stranger, false), (.refusal, false), (.unsecured, false):
            return .failed(
                "desks-port", "\(endpoint) is held by another program",
                fix: "see which: ss -ltnp 'sport = :\(endpoint.port)'; stop it, or choose another port with --desks")
        }
    }
}
