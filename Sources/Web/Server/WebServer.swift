// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP edge as a service: listens until a graceful shutdown, which ends the streams at once and everything within
/// `WebLimits.shutdown`.
package struct WebServer: Service {
    private let dependencies: WebDependencies
    private let host: String
    private let port: Int
    private let onBound: @Sendable (Int) -> Void

    /// Listens on `host`, a name or an address; `port` 0 takes a free one. `onBound` is told the port once it answers.
    package init(
        dependencies: WebDependencies, host: String, port: Int, onBound: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        var dependencies = dependencies
        dependencies.limits = dependencies.limits.fitted(toDescriptors: DescriptorLimit.current)
        self.dependencies = dependencies
        self.host = host
        self.port = port
        self.onBound = onBound
    }

    /// Throws if it can't listen. Returns after a graceful shutdown; cancelling cuts what is open.
    package func run() async throws {
        let limits = dependencies.limits
        let board = dependencies.board
        // Hummingbird tells of itself at info, which an operator has no use for.
        var quiet = dependencies.logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        if let descriptors = DescriptorLimit.current, descriptors < limits.connections + DescriptorLimit.reserve + 1 {
            dependencies.logger.warning(
                "Fewer connections are taken, since this process may open few files; raise LimitNOFILE or ulimit -n",
                metadata: [
                    "files": "\(descriptors)", "connections": "\(limits.connections)",
                    "streams": "\(limits.openStreams)",
                ])
        }
        let gate = ConnectionGate(
            limits: limits, proxies: dependencies.proxies, logger: dependencies.logger)
        let application = Application(
            router: try buildRouter(dependencies),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        ResponseStamp(board: board, instance: dependencies.instance), ConnectionGuard(gate, limits),
                    ])),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), backlog: 1024),
            onServerRunning: { [onBound] channel in
                try? await AcceptWatch.add(to: channel, gate)
                onBound(channel.localAddress?.port ?? 0)
            },
            logger: quiet)
        // Quiescing waits for open responses, and a reader that doesn't read keeps one open: so the wait has a ceiling.
        var configuration = ServiceGroupConfiguration(services: [application], logger: quiet)
        configuration.maximumGracefulShutdownDuration = limits.shutdown
        try await ServiceGroup(configuration: configuration).run()
    }
}
