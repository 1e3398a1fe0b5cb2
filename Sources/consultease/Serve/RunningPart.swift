// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import ServiceLifecycle
import UnixSignals

/// A part of a server that runs until it is told to stop.
struct RunningPart: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown(body)
    }

    /// Runs one part alone until SIGTERM or SIGINT.
    static func untilSignalled(_ logger: Logger, _ body: @escaping @Sendable () async throws -> Void) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [RunningPart(body: body)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }
}
