// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import Telemetry

/// Logging goes to standard error, so that standard output can be read by scripts.
enum Log {
    static func start(_ level: Logger.Level) -> Logger {
        // The provider puts the trace on each line, if something is traced.
        LoggingSystem.bootstrap(
            { label, provider in
                var handler = StreamLogHandler.standardError(label: label, metadataProvider: provider)
                handler.logLevel = level
                return handler
            }, metadataProvider: .trace)
        return Logger(label: "consultease")
    }
}
