// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Foundation
import Logging
import MQTT
import PostgreSQL
import Telemetry
import Web

/// The checked settings of a command, from flags, environment and file.
struct Settings: Sendable {
    var dataFolder: URL
    var database: DatabaseLocation
    var listen: Endpoint
    var broker: ExternalBroker?
    var desks: Endpoint
    var openDesks: Endpoint?
    var logLevel: Logger.Level
    /// A failure if it wasn't set and the machine's zone can't be found. Only commands that show times need it.
    var timeZone: Result<PlaceZone, SettingsError>
    var place: String?
    /// This server's name among several; nil if it has none.
    var instance: String?
    /// The address of the metrics' listener; nil if there is none.
    var metrics: Endpoint?
    /// The token that grants access to the metrics on the pages' port.
    var metricsToken: BearerToken?
    var telemetry: TelemetrySettings
    /// How long another program's session may block writes in PostgreSQL until the leader terminates it; nil for no
    /// limit.
    var blockLimit: Duration?
    /// The limits for one network address.
    var peers: PeerSettings
    /// The TLS files of the connection to a broker, as they were given.
    var tls = BrokerTLSFiles.none
    /// The source of each setting that was given; defaults are left out.
    var origins: [SettingName: SettingOrigin] = [:]

    /// A broker that is not the embedded one.
    struct ExternalBroker: Sendable {
        let address: BrokerAddress
        let credentials: Credentials?
    }

    /// Reads the three sources in order of precedence. Throws `SettingsError`, which names the setting, its place and
    /// the remedy.
    ///
    /// An unusable setting is a usage error, exit code 64, so that a supervisor doesn't restart a server that can't
    /// start.
    static func resolve(_ flags: SettingFlags) async throws -> Settings {
        try await asUsage { try resolved(flags) }
    }

    static func asUsage<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as SettingsError {
            throw ValidationError("\(error)")
        } catch let error as TelemetrySettingsError {
            throw ValidationError("\(error)")
        }
    }

    private static func resolved(_ flags: SettingFlags) throws -> Settings {
        let sources = try SettingSources(flags)
        do {
            return try resolved(sources)
        } catch var error as SettingsError {
            let name = error.setting.flatMap { SettingName(rawValue: $0.replacing("-", with: ".")) }
            error.origin = error.origin ?? name.flatMap { sources.found($0)?.origin }
            throw error
        }
    }

    private static func resolved(_ sources: SettingSources) throws -> Settings {
        let tls = BrokerTLSFiles(
            authority: try sources.string(.brokerCA), certificate: try sources.string(.brokerCertificate),
            key: try sources.string(.brokerKey))
        let folder = DataFolderPath.url(try sources.string(.data) ?? "consultease-data")
        return Settings(
            dataFolder: folder,
            database: try DatabaseLocation(
                try sources.string(.database), password: sources.secret(.databasePassword), in: folder),
            listen: try endpoint("listen", try sources.string(.listen)) ?? .init(host: "127.0.0.1", port: 8080),
            broker: try broker(
                try sources.string(.broker), password: sources.secret(.brokerPassword), tls),
            desks: try endpoint("desks", try sources.string(.desks)) ?? .init(host: "127.0.0.1", port: 1883),
            openDesks: try fixedEndpoint("open-desks", try sources.string(.openDesks)),
            logLevel: try level(try sources.string(.logLevel)),
            timeZone: try timeZone(try sources.string(.timeZone)),
            place: try sources.string(.place),
            instance: try instance(try sources.string(.instance)),
            metrics: try endpoint("metrics", try sources.string(.metrics)),
            metricsToken: try token(sources.secret(.metricsToken)),
            telemetry: try TelemetrySettings(
                otlp: try sources.string(.otlp), environment: ProcessInfo.processInfo.environment),
            blockLimit: try blockLimit(try sources.string(.databaseBlockLimit)),
            peers: try PeerSettings(
                proxies: try sources.string(.proxies), streams: try sources.string(.streams),
                streamsOfOne: try sources.string(.peerStreams)),
            tls: tls, origins: sources.origins)
    }

    private static func blockLimit(_ text: String?) throws -> Duration? {
        guard let text else { return .seconds(60) }
        if text == "off" { return nil }
        guard let seconds = Int64(text), (5...86_400).contains(seconds) else {
            throw SettingsError(
                setting: "database.block.limit", value: text, remedy: "write seconds from 5 to 86400, or off")
        }
        return .seconds(seconds)
    }

    private static func token(_ text: String?) throws -> BearerToken? {
        guard let text else { return nil }
        guard let token = BearerToken(text) else {
            throw SettingsError(
                setting: "metrics.token", value: "(not shown)",
                remedy: "use at least \(BearerToken.shortest) printable characters without spaces")
        }
        return token
    }

    /// Checks the instance's name, which appears in response headers and metrics.
    private static func instance(_ text: String?) throws -> String? {
        guard let text else { return nil }
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard allowed, (1...64).contains(text.utf8.count) else {
            throw SettingsError(setting: "instance", value: text, remedy: "use 1 to 64 of A-Z a-z 0-9 . _ -")
        }
        return text
    }

    private static func endpoint(_ name: String, _ text: String?) throws -> Endpoint? {
        guard let text else { return nil }
        guard let endpoint = Endpoint(text) else {
            throw SettingsError(setting: name, value: text, remedy: "write HOST:PORT, as in 127.0.0.1:8080")
        }
        return endpoint
    }

    /// An address whose port must not be 0, since units are configured with it.
    private static func fixedEndpoint(_ name: String, _ text: String?) throws -> Endpoint? {
        let endpoint = try endpoint(name, text)
        guard endpoint?.port != 0 else {
            throw SettingsError(setting: name, value: text ?? "", remedy: "name a port, as in 192.0.2.1:1884")
        }
        return endpoint
    }

    private static func broker(_ text: String?, password: String?, _ files: BrokerTLSFiles) throws -> ExternalBroker? {
        guard let text else { return nil }
        guard let url = BrokerURL(text) else {
            guard !BrokerURL.hasPassword(text) else {
                throw SettingsError(
                    setting: "broker", value: nil,
                    remedy:
                        "the URL has a password in it, which others can see: take it out and give it in CONSULTEASE_BROKER_PASSWORD"
                )
            }
            // The text is not shown if it may contain a password.
            throw SettingsError(
                setting: "broker", value: text.contains("@") ? "(not shown)" : text,
                remedy:
                    "write mqtts://USER@HOST:PORT, mqtt://USER@HOST:PORT or mqtt+unix:///PATH, and give the password in CONSULTEASE_BROKER_PASSWORD"
            )
        }
        return ExternalBroker(
            address: try url.address(files),
            credentials: url.userName.map { Credentials(userName: $0, password: password) })
    }

    private static func level(_ text: String?) throws -> Logger.Level {
        guard let text else { return .info }
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError(setting: "log-level", value: text, remedy: "use one of \(known)")
        }
        return level
    }

    private static func timeZone(_ text: String?) throws -> Result<PlaceZone, SettingsError> {
        guard let text else { return Result { () throws(SettingsError) in try MachineZone().find() } }
        guard let zone = ZoneDatabase.system.zone(named: text) else {
            throw SettingsError(
                setting: "time.zone", value: text,
                remedy:
                    "use an IANA name, as Asia/Manila: browsers know no other; `timedatectl list-timezones` shows them")
        }
        return .success(PlaceZone(name: text, zone: zone, origin: .setting))
    }

    /// Returns the zone, for commands that need one. Throws a usage error, as `resolve` does.
    func requiredTimeZone() throws -> PlaceZone {
        do {
            return try timeZone.get()
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
