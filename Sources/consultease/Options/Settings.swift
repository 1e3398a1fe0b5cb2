// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Configuration
import Desk
import Foundation
import Logging
import MQTT
import PostgreSQL
import Telemetry
import Web

/// What a command works with, after flags, environment and file: checked, so that what follows can't be misconfigured.
struct Settings: Sendable {
    var dataFolder: URL
    var database: DatabaseLocation
    var listen: Endpoint
    var broker: ExternalBroker?
    var desks: Endpoint
    var openDesks: Endpoint?
    var logLevel: Logger.Level
    var timeZone: TimeZone
    var place: String?
    /// This server's name among several; nil where it was given none.
    var instance: String?
    /// Where metrics are read; nil where they have no address of their own.
    var metrics: Endpoint?
    /// Opens metrics on the pages' port.
    var metricsToken: BearerToken?
    var telemetry: TelemetrySettings

    /// A broker that somebody else runs.
    struct ExternalBroker: Sendable {
        let address: BrokerAddress
        let credentials: Credentials?
    }

    /// Reads the three sources in their order. Throws `SettingsError`, which names the setting and the remedy.
    ///
    /// What can't be used is a usage error, exit code 64: a supervisor must not start again what can't start.
    static func resolve(_ flags: SettingFlags) async throws -> Settings {
        try await asUsage { try await resolved(flags) }
    }

    static func asUsage<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as SettingsError {
            throw ValidationError("\(error)")
        } catch let error as PostgreSQLConfigurationError {
            throw ValidationError("database: \(error)")
        } catch let error as TelemetrySettingsError {
            throw ValidationError("\(error)")
        }
    }

    private static func resolved(_ flags: SettingFlags) async throws -> Settings {
        let sources = try await SettingSources(file: flags.config)
        let folder = URL(filePath: sources.string("data", flag: flags.data) ?? "consultease-data").absoluteURL
        return Settings(
            dataFolder: folder,
            database: try DatabaseLocation(
                sources.string("database", flag: flags.database), password: sources.secret("database.password"),
                in: folder),
            listen: try endpoint("listen", sources.string("listen", flag: flags.listen))
                ?? .init(host: "127.0.0.1", port: 8080),
            broker: try broker(
                sources.string("broker", flag: flags.broker), password: sources.secret("broker.password"),
                BrokerTLSFiles(
                    authority: sources.string("broker.ca", flag: flags.tls.authority),
                    certificate: sources.string("broker.certificate", flag: flags.tls.certificate),
                    key: sources.string("broker.key", flag: flags.tls.key))),
            desks: try endpoint("desks", sources.string("desks", flag: flags.desks))
                ?? .init(host: "127.0.0.1", port: 1883),
            openDesks: try fixedEndpoint("open-desks", sources.string("open.desks", flag: flags.openDesks)),
            logLevel: try level(sources.string("log.level", flag: flags.logLevel)),
            timeZone: try timeZone(sources.string("time.zone", flag: nil)),
            place: sources.string("place", flag: nil),
            instance: try instance(sources.string("instance", flag: flags.instance)),
            metrics: try endpoint("metrics", sources.string("metrics", flag: flags.metrics)),
            metricsToken: try token(sources.secret("metrics.token")),
            telemetry: try TelemetrySettings(
                otlp: sources.string("otlp", flag: flags.otlp), environment: ProcessInfo.processInfo.environment))
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

    /// It goes into response headers and metrics.
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

    /// One whose port somebody must know beforehand: units are configured with it.
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
            // It may have a password in it.
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

    private static func timeZone(_ text: String?) throws -> TimeZone {
        guard let text else { return .current }
        guard let zone = TimeZone(identifier: text) else {
            throw SettingsError(setting: "time.zone", value: text, remedy: "use an IANA name, as Asia/Manila")
        }
        return zone
    }
}
