// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import MQTT
import SQL
import Store

/// The memory that a broker keeps a session for us: a row in the database, written by the leader alone.
struct StoredBrokerSession: SessionMarker {
    let store: Store
    let term: any LeaderTerm
    let broker: String
    let clientID: String

    /// Who no longer leads would take the session from the one who does.
    func confirm() async throws {
        try await term.requireHeld()
    }

    func hasSession() async throws -> Bool {
        try await store.read { [broker, clientID] in
            try BrokerSessionRepository($0).exists(broker: broker, clientID: clientID)
        }
    }

    func recordSession() async throws {
        try await store.write(via: term) { [broker, clientID] in
            try BrokerSessionRepository($0).record(broker: broker, clientID: clientID)
        }
    }

    func forgetSession() async throws {
        try await store.write(via: term) { [broker, clientID] in
            try BrokerSessionRepository($0).forget(broker: broker, clientID: clientID)
        }
    }
}
