// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import MQTT
import Store

/// The memory that a broker keeps a session for us: a row in the database.
struct StoredSession: SessionMarker {
    let store: Store
    let broker: String
    let clientID: String

    func hasSession() async throws -> Bool {
        try await store.read { [broker, clientID] in
            try SessionRepository($0).exists(broker: broker, clientID: clientID)
        }
    }

    func recordSession() async throws {
        try await store.write { [broker, clientID] in
            try SessionRepository($0).record(broker: broker, clientID: clientID)
        }
    }

    func forgetSession() async throws {
        try await store.write { [broker, clientID] in
            try SessionRepository($0).forget(broker: broker, clientID: clientID)
        }
    }
}
