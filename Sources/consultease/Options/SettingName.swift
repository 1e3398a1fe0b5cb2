// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The names of all settings. Settings are read and checked by this table, `consultease settings` prints it, and a test
/// compares it with the documentation. The raw value is the key in a file of settings.
enum SettingName: String, CaseIterable, Sendable {
    case data
    case database
    case databasePassword = "database.password"
    case databaseBlockLimit = "database.block.limit"
    case listen
    case desks
    case openDesks = "open.desks"
    case broker
    case brokerPassword = "broker.password"
    case brokerCA = "broker.ca"
    case brokerCertificate = "broker.certificate"
    case brokerKey = "broker.key"
    case instance
    case metrics
    case metricsToken = "metrics.token"
    case otlp
    case proxies
    case streams
    case peerStreams = "peer.streams"
    case logLevel = "log.level"
    case timeZone = "time.zone"
    case place

    /// The environment variable, for example `CONSULTEASE_OPEN_DESKS`.
    var variable: String { Self.prefix + rawValue.uppercased().replacing(".", with: "_") }

    static let prefix = "CONSULTEASE_"

    /// The flag, for example `--open-desks`; nil if there is none. Secrets have none, since every user of a machine can
    /// read command lines.
    var flag: String? {
        switch self {
        case .databasePassword, .databaseBlockLimit, .brokerPassword, .metricsToken, .timeZone, .place: nil
        case .data, .database, .listen, .desks, .openDesks, .broker, .brokerCA, .brokerCertificate, .brokerKey,
            .instance,
            .metrics, .otlp, .logLevel, .proxies, .streams, .peerStreams:
            "--" + rawValue.replacing(".", with: "-")
        }
    }

    /// Whether a file may give the value as a whole number, too.
    var isNumber: Bool { [.databaseBlockLimit, .streams, .peerStreams].contains(self) }

    /// Whether the value is never shown.
    var isSecret: Bool {
        switch self {
        case .databasePassword, .brokerPassword, .metricsToken: true
        case .data, .database, .listen, .desks, .openDesks, .broker, .brokerCA, .brokerCertificate, .brokerKey,
            .instance,
            .metrics, .otlp, .logLevel, .timeZone, .place, .databaseBlockLimit, .proxies, .streams, .peerStreams:
            false
        }
    }
}

extension SettingFlags {
    /// The value of a setting on the command line; nil if it isn't given.
    subscript(name: SettingName) -> String? {
        switch name {
        case .data: data
        case .database: database
        case .listen: listen
        case .desks: desks
        case .openDesks: openDesks
        case .broker: broker
        case .brokerCA: tls.authority
        case .brokerCertificate: tls.certificate
        case .brokerKey: tls.key
        case .instance: instance
        case .metrics: metrics
        case .otlp: otlp
        case .proxies: proxies
        case .streams: streams
        case .peerStreams: peerStreams
        case .logLevel: logLevel
        case .databasePassword, .databaseBlockLimit, .brokerPassword, .metricsToken, .timeZone, .place: nil
        }
    }
}
