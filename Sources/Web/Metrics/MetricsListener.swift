// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// Serves `/metrics`, and nothing else, on an address of its own: for a monitor that needn't reach the pages.
///
/// Any client that reaches the address may read: it is meant for the loopback interface or a network of machines.
package struct MetricsListener: Service {
    private let page: MetricsPage
    private let host: String
    private let port: Int
    private let onBound: @Sendable (Int) -> Void
    private let logger: Logger

    /// More would be no monitors.
    private static let connections = 16

    /// `port` 0 takes a free one; `onBound` is told the port once it answers.
    package init(
        _ page: MetricsPage, host: String, port: Int, logger: Logger,
        onBound: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.page = page
        self.host = host
        self.port = port
        self.onBound = onBound
        self.logger = logger
    }

    /// Throws if it can't listen. Returns after a graceful shutdown.
    package func run() async throws {
        var quiet = logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get(RouterPath(MetricsPage.path)) { [page] _, _ in page.answer() }
        let application = Application(
            router: router,
            server: .http1(configuration: .init(idleTimeout: .seconds(90))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: .maximum(Self.connections, logger: quiet)),
            onServerRunning: { [onBound] channel in onBound(channel.localAddress?.port ?? 0) },
            logger: quiet)
        var configuration = ServiceGroupConfiguration(services: [application], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(1)
        try await ServiceGroup(configuration: configuration).run()
    }
}
