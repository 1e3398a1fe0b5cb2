// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// An applied answer of dialect 1. The same answer again is a duplicate, even if a *busy* consultation has become
/// pending again.
package struct AppliedAnswer: Hashable, Sendable {
    package var unit: UnitID
    /// `message_id` as sent.
    package var messageID: String
    /// `response_type`, upper case.
    package var responseType: String
    /// `timestamp` as sent; empty if it is missing.
    package var timestamp: String

    package init(unit: UnitID, messageID: String, responseType: String, timestamp: String) {
        self.unit = unit
        self.messageID = messageID
        self.responseType = responseType
        self.timestamp = timestamp
    }
}
