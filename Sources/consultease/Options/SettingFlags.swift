// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What a command line says of the settings; nil where it says nothing, or the command has no such flag.
struct SettingFlags {
    var data: String?
    var database: String?
    var config: String?
    var logLevel: String?
    var listen: String?
    var broker: String?
    var tls = BrokerTLSFiles.none
    var desks: String?
    var openDesks: String?
    var instance: String?
    var metrics: String?
    var otlp: String?
    var proxies: String?
    var peerStreams: String?
}
