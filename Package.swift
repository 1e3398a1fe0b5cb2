// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

import Foundation
import PackageDescription

/// One set of rules for every target: language mode 6, explicit existentials, explicit imports.
/// Without NonisolatedNonsendingByDefault: with it Swift 6.3.1 loses an actor's isolation (docs/decisions/0015).
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]

let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let collections: Target.Dependency = .product(name: "HashTreeCollections", package: "swift-collections")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let inMemoryTracing: Target.Dependency = .product(name: "InMemoryTracing", package: "swift-distributed-tracing")
let instrumentation: Target.Dependency = .product(name: "Instrumentation", package: "swift-distributed-tracing")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let lifecycleTestKit: Target.Dependency = .product(
    name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioLocks: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")

func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

/// Compiles every file of these folders of a target that isn't Swift into the binary: what pages and the API serve, and
/// the scripts of the migrations.
func embedded(of target: String, in folders: String...) -> [Resource] {
    folders.flatMap { folder -> [Resource] in
        let url = URL(filePath: Context.packageDirectory).appending(path: "Sources/\(target)/\(folder)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted().filter { $0.contains(".") && !$0.hasSuffix(".swift") }
            .map { Resource.embedInCode("\(folder)/\($0)") }
    }
}

/// The tests of a target; `of` names another one, or none for a suite that spans several.
func tests(
    _ name: String, _ dependencies: [Target.Dependency], of tested: [Target.Dependency]? = nil,
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: (tested ?? [.byName(name: name)]) + dependencies, resources: resources,
        swiftSettings: swiftSettings)
}

// The order below is the order of the layers in docs/architecture.md: a target imports only what stands above it here.
let package = Package(
    name: "consultease",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/apple/swift-collections", .upToNextMinor(from: "1.6.0")),
        .package(url: "https://github.com/apple/swift-distributed-tracing", .upToNextMinor(from: "1.7.3")),
        .package(url: "https://github.com/apple/swift-http-types", .upToNextMinor(from: "1.8.0")),
        .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-metrics", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/apple/swift-nio-extras", .upToNextMinor(from: "1.35.2")),
        .package(url: "https://github.com/apple/swift-nio-ssl", .upToNextMinor(from: "2.37.6")),
        .package(url: "https://github.com/groue/GRDB.swift", .upToNextMinor(from: "7.10.0")),
        .package(url: "https://github.com/hummingbird-project/hummingbird", .upToNextMinor(from: "2.28.1")),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", .upToNextMinor(from: "2.1.1")),
        .package(url: "https://github.com/swift-server/async-http-client", .upToNextMinor(from: "1.37.0")),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", .upToNextMinor(from: "2.13.0")),
    ],
    targets: [
        library("Concurrency", []),
        library("Domain", []),
        library("DeskUnit", []),
        library("Wire", ["Domain"]),
        library("Rules", ["Domain", "Wire"]),
        library("MQTT", ["Concurrency", nioCore, nioPosix, nioLocks, nioSSL, nioTLS, log, deque]),
        library("SQL", []),
        library("SQLite", ["SQL", grdb, sqlite]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        library("PostgreSQL", ["Concurrency", "SQL", "CLibPQ", log, metrics]),
        library(
            "Store", ["Concurrency", "Domain", "SQL", metrics], resources: embedded(of: "Store", in: "Migrations")),
        library(
            "Service",
            [
                "Concurrency", "Domain", "Wire", "Rules", "SQL", "Store", collections, deque, log, metrics, tracing,
                instrumentation,
            ]),
        library(
            "Desk",
            [
                "Concurrency", "Domain", "Wire", "Rules", "MQTT", "SQL", "Store", "Service", deque, log, metrics,
                tracing,
                instrumentation,
            ]),
        library(
            "Web",
            [
                "Domain", "Service", collections, hummingbird, mustache, httpTypes, nioCore, nioHTTP1, nioHTTPTypes,
                lifecycle, log, metrics,
            ],
            resources: embedded(
                of: "Web", in: "Assets/Marks", "Assets/Scripts", "Assets/Styles", "Pages/Templates", "Pages/Board",
                "Pages/Person", "Pages/Problem", "Pages/Language",
                "API")),
        library(
            "Telemetry",
            [
                coreMetrics, tracing, instrumentation, deque, lifecycle, log, asyncHTTPClient, nioCore, nioHTTP1,
                nioPosix, nioSSL,
            ]),
        library("Simulation", ["Concurrency", "DeskUnit", "MQTT", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, log]),
        .executableTarget(
            name: "consultease",
            dependencies: [
                "Domain", "DeskUnit", "Wire", "Rules", "MQTT", "SQL", "SQLite", "PostgreSQL", "Store", "Service",
                "Desk", "Web",
                "Telemetry", "Simulation", lifecycle, log, nioCore, signals,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),

        .target(name: "Randomness", path: "Tests/Randomness", swiftSettings: swiftSettings),
        .target(
            name: "TestSupport",
            dependencies: ["Domain", "SQL", "SQLite", "PostgreSQL", "Store", "Service", "Randomness", log],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        .target(
            name: "Consistency", dependencies: ["Domain"], path: "Tests/Consistency", swiftSettings: swiftSettings),
        tests("Concurrency", ["Randomness"]),
        tests("Consistency", ["Domain", "TestSupport", "Randomness"]),
        tests("Domain", ["Randomness"]),
        tests("DeskUnit", []),
        tests("Wire", ["Domain", "Randomness"]),
        tests("Rules", ["Domain", "Wire", "Randomness"], resources: [.copy("Corpus")]),
        tests("MQTT", ["Concurrency", "Randomness", nioCore, nioEmbedded, nioPosix, nioLocks, log]),
        tests("PostgreSQL", ["SQL", "TestSupport", "Randomness", log]),
        tests(
            "StoreContract", ["Domain", "Wire", "Rules", "SQL", "SQLite", "Store", "TestSupport", "Randomness"], of: []),
        tests(
            "Service",
            [
                "Concurrency", "Domain", "Wire", "Rules", "SQL", "Store", "TestSupport", "Randomness", collections, log,
                instrumentation, tracing,
                inMemoryTracing, coreMetrics,
            ]),
        tests("Desk", ["Domain", "Wire", "Store", "TestSupport"]),
        tests(
            "Web",
            [
                "Domain", "SQL", "SQLite", "Store", "Service", httpTypes, nioCore, nioHTTP1, nioPosix, lifecycle, log,
                tracing, inMemoryTracing, coreMetrics,
            ]),
        tests(
            "Telemetry",
            [
                coreMetrics, metrics, tracing, instrumentation, log, lifecycle, lifecycleTestKit, asyncHTTPClient,
                nioCore, nioHTTP1, nioPosix, nioSSL,
            ]),
        tests("Simulation", ["Concurrency", "DeskUnit", "MQTT", nioCore, nioHTTP1, nioPosix, log]),
        tests(
            "EndToEnd",
            [
                "Domain", "Wire", "Rules", "MQTT", "SQL", "Store", "Service", "Desk", "TestSupport", "Randomness",
                "Consistency", collections,
                log, tracing, inMemoryTracing,
            ],
            of: []),
    ]
)
