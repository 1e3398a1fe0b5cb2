// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Synchronization

/// Says on standard error what is going on, once that has taken more than a second, and then at most once a second.
final class ProgressNotice: Sendable {
    private let clock = ContinuousClock()
    private let lastSaid: Mutex<ContinuousClock.Instant>

    private static let interval = Duration.seconds(1)

    init() {
        lastSaid = Mutex(clock.now)
    }

    func say(_ text: @autoclosure () -> String) {
        let now = clock.now
        let isTime = lastSaid.withLock { lastSaid in
            guard lastSaid.duration(to: now) >= Self.interval else { return false }
            lastSaid = now
            return true
        }
        if isTime { Note.print(text()) }
    }

    /// Says `text` if `body` takes more than a second.
    func during<Value: Sendable>(_ text: String, _ body: @Sendable () async throws -> Value) async rethrows -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await ContinuousClock().sleep(for: Self.interval)
                Note.print(text)
            }
            defer { group.cancelAll() }
            return try await body()
        }
    }
}
