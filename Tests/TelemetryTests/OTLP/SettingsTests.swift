// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Telemetry

@Suite("Settings of tracing")
struct SettingsTests {
    @Test(arguments: [
        ("http://collector", "http://collector:4318/v1/traces"),
        ("http://collector:80/", "http://collector:80/v1/traces"),
        ("http://collector/base", "http://collector:4318/base/v1/traces"),
        ("http://collector:4318/v1/traces", "http://collector:4318/v1/traces"),
        ("http://[::1]:9/", "http://[::1]:9/v1/traces"),
        ("https://collector", "https://collector:443/v1/traces"),
        ("https://collector:4318/base", "https://collector:4318/base/v1/traces"),
    ])
    func anEndpointIsABase(_ text: String, _ whole: String) throws {
        #expect(try OTLPEndpoint(text).description == whole)
    }

    @Test(arguments: ["", "collector:4318", "ftp://x", "http://", "https://", "http://me:secret@collector"])
    func anEndpointThatCannotBeUsedIsRefusedWithTheRemedy(_ text: String) {
        #expect(throws: TelemetrySettingsError.self) { try OTLPEndpoint(text) }
    }

    @Test func theEnvironmentIsReadAsOpenTelemetryHasIt() throws {
        let settings = try TelemetrySettings(environment: [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1", "OTEL_EXPORTER_OTLP_HEADERS": "key=a%20b, other = c,broken",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=x,deployment.environment.name=lab",
            "OTEL_TRACES_SAMPLER_ARG": "0.5",
        ])
        #expect(settings.endpoint?.description == "http://a:1/v1/traces")
        #expect(settings.endpoint?.headers.map(\.value) == ["a b", "c"])
        #expect(settings.serviceName == "x")
        #expect(settings.sampler == Sampler(.ratio(0.5)))
        let resource = settings.resource(version: "1", instance: "i")
        #expect(resource.filter { $0.name == "service.name" }.map(\.value) == ["x"])
        #expect(resource.contains { $0 == ("service.instance.id", "i") })
        #expect(resource.contains { $0 == ("deployment.environment.name", "lab") })
    }

    @Test func theFlagGoesBeforeAndNothingMeansNothing() throws {
        let both = try TelemetrySettings(otlp: "http://b:2", environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1"])
        #expect(both.endpoint?.host == "b")
        #expect(try TelemetrySettings().endpoint == nil)
        #expect(try TelemetrySettings(environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": ""]).endpoint == nil)
        let disabled = ["OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1"]
        #expect(try TelemetrySettings(environment: disabled).endpoint == nil)
        let exact = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a:1/here"]
        #expect(try TelemetrySettings(environment: exact).endpoint?.path == "/here")
    }

    @Test(arguments: [("always_on", "1"), ("parentbased_always_off", "x"), ("traceidratio", "0.1")])
    func samplersHaveTheirNames(_ name: String, _ argument: String) throws {
        _ = try TelemetrySettings(environment: ["OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": argument])
    }

    @Test(arguments: [("jaeger_remote", "1"), ("traceidratio", "2"), ("parentbased_traceidratio", "half")])
    func othersAreRefused(_ name: String, _ argument: String) {
        #expect(throws: TelemetrySettingsError.self) {
            try TelemetrySettings(environment: ["OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": argument])
        }
    }
}
