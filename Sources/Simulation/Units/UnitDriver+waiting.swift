// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import MQTT

/// The conditions that a run waits for.
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

    /// Waits until the broker has every message, including those that the faults hold back.
    package func isSettled(within limit: Duration) async -> Bool {
        flush()
        return await setup.time.wait(upTo: limit) { isConnected && outgoing.isEmpty && !isPublishing }
    }

    /// Waits until the broker has every message and, in dialect 2, the database has acknowledged every event.
    package func isAcknowledged(within limit: Duration) async -> Bool {
        flush()
        return await setup.time.wait(upTo: limit) {
            isConnected && outgoing.isEmpty && !isPublishing && model.unacknowledgedCount == 0
        }
    }

    /// Describes the unit's state, to find out why it makes no progress.
    package func diagnosis() -> String {
        let link = client?.status.state.inWords ?? "it has not begun to connect"
        return "\(unit.unit): \(link); \(outgoing.count) messages to send, "
            + "\(model.unacknowledgedCount) that the database has not acknowledged"
    }

    package func unacknowledgedCount() -> Int { model.unacknowledgedCount }
}

extension ConnectionState {
    /// The state as the end of a sentence about a unit.
    fileprivate var inWords: String {
        switch self {
        case .idle: "it has not begun to connect"
        case .connecting: "it is connecting"
        case .connected: "it is connected"
        case .disconnected(let end): "it has no connection (\(end))"
        case .stopped: "it has stopped"
        }
    }
}
