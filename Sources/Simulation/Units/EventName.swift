// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Identifies the event of a dialect 2 unit that a message or an `ack` is about.
struct EventName: Hashable, Sendable, Decodable {
    let boot: String
    let seq: UInt64

    /// Reads the name from a message on `event`; nil for any other.
    init?(event payload: [UInt8]) {
        guard let name = try? JSONDecoder().decode(EventName.self, from: Data(payload)) else { return nil }
        self = name
    }

    /// Reads the name from an `ack` on `command`; nil for any other command.
    init?(acknowledgement payload: [UInt8]) {
        guard let kind = try? JSONDecoder().decode(Kind.self, from: Data(payload)), kind.type == "ack" else {
            return nil
        }
        self.init(event: payload)
    }

    private struct Kind: Decodable {
        let type: String
    }
}
