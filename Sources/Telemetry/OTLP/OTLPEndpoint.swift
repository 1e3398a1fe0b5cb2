// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The address of a collector that accepts spans by OTLP over HTTP.
package struct OTLPEndpoint: Sendable, Hashable {
    package let host: String
    package let port: Int
    package let path: String
    /// Whether the endpoint is `https`; the system's authorities must then have signed the collector's certificate.
    package let isSecured: Bool
    /// Headers for each request, for example with an API key. Never logged.
    package var headers: [Header] = []

    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    static let tracesPath = "/v1/traces"

    /// - Parameters:
    ///   - text: `http://HOST[:PORT][/PATH]`, at port 4318 by default; or `https://…`, at port 443 by default.
    ///   - isBase: whether to append `/v1/traces` (OpenTelemetry, "OTLP exporter") unless the path ends so already.
    /// Throws `TelemetrySettingsError`, with the remedy.
    package init(_ text: String, isBase: Bool = true) throws {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
            throw TelemetrySettingsError("the OTLP endpoint \"\(text)\" is no URL: write http://HOST:4318")
        }
        guard url.scheme == "http" || url.scheme == "https" else {
            throw TelemetrySettingsError(
                "the OTLP endpoint \"\(text)\" is no web address: write http://HOST:4318 or https://HOST")
        }
        isSecured = url.scheme == "https"
        guard url.user == nil, url.password == nil else {
            throw TelemetrySettingsError("the OTLP endpoint names a user: give keys in OTEL_EXPORTER_OTLP_HEADERS")
        }
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? (isSecured ? 443 : 4318)
        var path = url.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        if isBase, !path.hasSuffix(Self.tracesPath) { path += Self.tracesPath }
        self.path = (path.isEmpty ? "/" : path) + (url.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    private var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension OTLPEndpoint: CustomStringConvertible {
    /// The address without headers, which may be secret.
    package var description: String { "\(isSecured ? "https" : "http")://\(authority)\(path)" }
}
