// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import MQTT

/// A broker's URL in flags and settings: `mqtts://[USER@]HOST[:8883]`, `mqtt://[USER@]HOST[:1883]` or
/// `mqtt+unix:///PATH`.
struct BrokerURL: Sendable {
    private enum Place: Sendable {
        case tcp(host: String, port: Int)
        case tls(host: String, port: Int)
        case unix(path: String)
    }

    private let place: Place
    let userName: String?

    /// Returns nil for any other text, and for a URL that contains a password.
    init?(_ text: String) {
        guard let url = URLComponents(string: text), url.password == nil else { return nil }
        // Only a URL has an IPv6 address in brackets.
        let host = url.host.map { $0.hasPrefix("[") && $0.hasSuffix("]") ? String($0.dropFirst().dropLast()) : $0 }
        switch (url.scheme, host) {
        case ("mqtts", let host?) where !host.isEmpty: place = .tls(host: host, port: url.port ?? 8883)
        case ("mqtt", let host?) where !host.isEmpty: place = .tcp(host: host, port: url.port ?? 1883)
        case ("mqtt+unix", _) where !url.path.isEmpty: place = .unix(path: url.path)
        default: return nil
        }
        userName = url.user
    }

    /// Whether a refused text would be a broker's URL without the password in it.
    static func hasPassword(_ text: String) -> Bool { URLComponents(string: text)?.password != nil }

    /// Plain TCP, without a user.
    init(host: String, port: Int) {
        place = .tcp(host: host, port: port)
        userName = nil
    }

    var isSecured: Bool {
        if case .tls = place { true } else { false }
    }

    /// Throws `SettingsError` if the files can't be used, or if they are given for a connection without TLS.
    func address(_ files: BrokerTLSFiles) throws -> BrokerAddress {
        switch place {
        case .tls(let host, let port): return .tls(host: host, port: port, try files.settings())
        case .tcp(let host, let port):
            try files.requireNone()
            return .tcp(host: host, port: port)
        case .unix(let path):
            try files.requireNone()
            return .unix(path: path)
        }
    }
}

/// The TLS files for a connection to a broker, as the settings name them.
struct BrokerTLSFiles: Sendable {
    var authority: String?
    var certificate: String?
    var key: String?

    static let none = BrokerTLSFiles()

    /// Reads the files. Throws `SettingsError`.
    func settings() throws -> TLSSettings {
        let trust = try authority.map { TLSSettings.Trust.certificates(pem: try Self.read("broker.ca", $0)) } ?? .system
        let identity: TLSSettings.Identity? =
            switch (certificate, key) {
            case (nil, nil): nil
            case (let certificate?, let key?):
                TLSSettings.Identity(
                    chain: try Self.read("broker.certificate", certificate), key: try Self.read("broker.key", key))
            case (let certificate?, nil):
                throw SettingsError(
                    setting: "broker.certificate", value: certificate,
                    remedy: "name its private key as well: --broker-key")
            case (nil, let key?):
                throw SettingsError(
                    setting: "broker.key", value: key, remedy: "name its certificate as well: --broker-certificate")
            }
        do {
            return try TLSSettings(trusting: trust, identity: identity)
        } catch {
            let (setting, file) =
                switch error {
                case .noAuthority: ("broker.ca", authority)
                case .noCertificate: ("broker.certificate", certificate)
                case .noKey, .foreignKey: ("broker.key", key)
                case .notUsable: ("broker", "mqtts")
                }
            throw SettingsError(setting: setting, value: file ?? "", remedy: "\(error)")
        }
    }

    /// Refuses TLS files for a connection without TLS, so that the operator doesn't believe it to be protected.
    func requireNone() throws {
        for (setting, file) in [("broker.ca", authority), ("broker.certificate", certificate), ("broker.key", key)] {
            guard let file else { continue }
            throw SettingsError(
                setting: setting, value: file, remedy: "only a line to mqtts:// is secured with it: correct --broker")
        }
    }

    private static func read(_ setting: String, _ file: String) throws -> [UInt8] {
        do {
            return try FileReading.bytes(of: file)
        } catch {
            throw SettingsError(setting: setting, value: file, remedy: "\(error)")
        }
    }
}
