// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOConcurrencyHelpers

@testable import MQTT

/// A session marker in memory, which records the calls.
final class MemoryMarker: SessionMarker {
    private let state: NIOLockedValueBox<(has: Bool, calls: [String])>

    init(hasSession: Bool = false) {
        state = NIOLockedValueBox((hasSession, []))
    }

    var calls: [String] { state.withLockedValue { $0.calls } }

    func hasSession() async throws -> Bool {
        state.withLockedValue { state in
            state.calls.append("has")
            return state.has
        }
    }

    func recordSession() async throws {
        state.withLockedValue { state in
            state.calls.append("record")
            state.has = true
        }
    }

    func forgetSession() async throws {
        state.withLockedValue { state in
            state.calls.append("forget")
            state.has = false
        }
    }
}
