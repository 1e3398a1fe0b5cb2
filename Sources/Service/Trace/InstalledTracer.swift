// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Tracing

/// The tracer that the command has installed.
package enum InstalledTracer {
    /// Nil if nothing is traced: then its holders make no spans and no contexts. Asked once, when a part is made.
    package static var current: (any Tracer)? {
        let tracer = InstrumentationSystem.tracer
        return tracer is NoOpTracer ? nil : tracer
    }
}

extension Optional<ServiceContext> {
    /// Runs `body` in this context, so that its log lines carry the trace; just runs it if there is none.
    package func within<Value>(_ body: () throws -> Value) rethrows -> Value {
        guard let self else { return try body() }
        return try ServiceContext.withValue(self, operation: body)
    }

    package func within<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        guard let self else { return try await body() }
        return try await ServiceContext.withValue(self, operation: body)
    }
}
