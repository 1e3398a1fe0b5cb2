// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import MQTT

/// What a run waits for.
extension UnitDriver {
    package func hasConnected(within limit: Duration) async -> Bool {
        await setup.time.wait(upTo: limit) { isConnected }
    }

    /// Waits until there is room for another step.
    package func hasRoom(within limit: Duration) async -> Bool {
        await setup.time.wait(upTo: limit) {
            outgoing.count < Self.roomFor && model.unacknowledgedCount < Self.roomFor / 2
        }
    }

    /// Waits until everything is with the broker, what the faults hold back included.
    package func isSettled(within limit: Duration) async -> Bool {
        flush()
        return await setup.time.wait(upTo: limit) { isConnected && outgoing.isEmpty && !isPublishing }
    }

    /// Waits until everything is with the broker and, in dialect 2, acknowledged by the database.
    package func isAcknowledged(within limit: Duration) async -> Bool {
        flush()
        return await setup.time.wait(upTo: limit) {
            isConnected && outgoing.isEmpty && !isPublishing && model.unacknowledgedCount == 0
        }
    }

    /// Where the unit stands, for whoever must find out why it doesn't go on.
    package func diagnosis() -> String {
        let link = client.map { "\($0.status.state)" } ?? "no client"
        return "\(unit.unit): life \(life) (\(next)), \(link), \(outgoing.count) to send, "
            + (isPublishing ? "publishing, " : "") + "\(model.unacknowledgedCount) unacknowledged"
    }

    package func unacknowledgedCount() -> Int { model.unacknowledgedCount }
}
