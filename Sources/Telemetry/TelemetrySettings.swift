// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The settings of tracing, from a flag and from OpenTelemetry's environment variables.
///
/// `OTEL_SDK_DISABLED`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`,
/// `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and
/// `OTEL_TRACES_SAMPLER_ARG` have the meaning of OpenTelemetry's "Environment Variable Specification"; the flag takes
/// precedence.
package struct TelemetrySettings: Sendable {
    /// Nil if nothing is traced.
    package var endpoint: OTLPEndpoint?
    package var serviceName: String
    package var resourceAttributes: [(name: String, value: String)]
    package var sampler: Sampler

    /// Throws `TelemetrySettingsError`, which names the setting and the remedy.
    package init(otlp: String? = nil, environment: [String: String] = [:]) throws {
        // An empty variable counts as unset.
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let otlp {
            endpoint = try OTLPEndpoint(otlp)
        } else if value("OTEL_SDK_DISABLED")?.lowercased() == "true" {
            endpoint = nil
        } else if let text = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            endpoint = try OTLPEndpoint(text, isBase: false)
        } else {
            endpoint = try value("OTEL_EXPORTER_OTLP_ENDPOINT").map { try OTLPEndpoint($0) }
        }
        let headers = value("OTEL_EXPORTER_OTLP_TRACES_HEADERS") ?? value("OTEL_EXPORTER_OTLP_HEADERS")
        endpoint?.headers = Self.list(headers ?? "").map { .init(name: $0.name, value: $0.value) }
        var attributes = Self.list(value("OTEL_RESOURCE_ATTRIBUTES") ?? "")
        let named = attributes.first { $0.name == "service.name" }?.value
        attributes.removeAll { $0.name == "service.name" }
        resourceAttributes = attributes
        serviceName = value("OTEL_SERVICE_NAME") ?? named ?? "consultease"
        sampler = try Self.sampler(value("OTEL_TRACES_SAMPLER"), value("OTEL_TRACES_SAMPLER_ARG"))
    }

    /// The resource that accompanies every span.
    package func resource(version: String, instance: String?) -> OTLPEncoding.Resource {
        var resource: OTLPEncoding.Resource = [
            ("service.name", serviceName), ("service.version", version), ("telemetry.sdk.language", "swift"),
            ("telemetry.sdk.name", "consultease"), ("telemetry.sdk.version", version),
            ("process.pid", "\(ProcessInfo.processInfo.processIdentifier)"),
            ("host.name", ProcessInfo.processInfo.hostName),
        ]
        if let instance { resource.append(("service.instance.id", instance)) }
        let own = Set(resource.map(\.name))
        return resource + resourceAttributes.filter { !own.contains($0.name) }
    }

    /// Reads `name=value,name=value`, percent-encoded like W3C Baggage. Malformed parts are left out.
    static func list(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: ",").compactMap { part in
            guard let equals = part.firstIndex(of: "=") else { return nil }
            let name = part[..<equals].trimmingCharacters(in: .whitespaces)
            let value = part[part.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            guard !name.isEmpty, let decoded = value.removingPercentEncoding,
                !decoded.contains(where: \.isNewline), !name.contains(where: \.isNewline)
            else { return nil }
            return (name, decoded)
        }
    }

    private static func sampler(_ name: String?, _ argument: String?) throws -> Sampler {
        func ratio() throws -> Sampler.Root {
            guard let argument else { return .always }
            guard let ratio = Double(argument), (0...1).contains(ratio) else {
                throw TelemetrySettingsError("OTEL_TRACES_SAMPLER_ARG is \"\(argument)\": give a ratio from 0 to 1")
            }
            return .ratio(ratio)
        }
        switch name {
        case nil: return Sampler(try ratio())
        case "always_on": return Sampler(.always, followsParent: false)
        case "always_off": return Sampler(.never, followsParent: false)
        case "traceidratio": return Sampler(try ratio(), followsParent: false)
        case "parentbased_always_on": return Sampler(.always)
        case "parentbased_always_off": return Sampler(.never)
        case "parentbased_traceidratio": return Sampler(try ratio())
        case .some(let name):
            throw TelemetrySettingsError(
                "OTEL_TRACES_SAMPLER is \"\(name)\": use always_on, always_off, traceidratio, or one of these with "
                    + "parentbased_ before it")
        }
    }
}

/// Reports a setting that can't be used; the text names the remedy.
package struct TelemetrySettingsError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
