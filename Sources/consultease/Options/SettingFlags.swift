// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The settings that the command line gives; nil if a flag wasn't given, or the command doesn't have it.
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
    var streams: String?
    var peerStreams: String?
}
