// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A student who asks, as `show` names them to the unit.
struct Request: Equatable, Sendable {
    /// The digits of the consultation's id.
    var consultation: [UInt8]
    var student: [UInt8]
    var topic: [UInt8]
    var text: [UInt8]
    /// UTC ms; nil if it isn't told.
    var askedAt: UInt64?

    init?(_ json: JSONObject) {
        guard let consultation = json.id("consultation") else { return nil }
        self.consultation = consultation
        student = json.text("student") ?? []
        topic = json.text("topic") ?? []
        text = json.text("text") ?? []
        askedAt = json.number("asked_at")
    }
}
