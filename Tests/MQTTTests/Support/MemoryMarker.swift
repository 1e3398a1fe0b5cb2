// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Synchronization

@testable import MQTT

/// A session marker that forgets when the test ends, and tells what was asked of it.
final class MemoryMarker: SessionMarker {
    private let state: Mutex<(has: Bool, calls: [String])>

    init(hasSession: Bool = false) {
        state = Mutex((hasSession, []))
    }

    var calls: [String] { state.withLock { $0.calls } }

    func hasSession() async throws -> Bool {
        state.withLock { state in
            state.calls.append("has")
            return state.has
        }
    }

    func recordSession() async throws {
        state.withLock { state in
            state.calls.append("record")
            state.has = true
        }
    }

    func forgetSession() async throws {
        state.withLock { state in
            state.calls.append("forget")
            state.has = false
        }
    }
}
