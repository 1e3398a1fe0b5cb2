// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A student's request, as `show` describes it to the unit.
struct Request: Equatable, Sendable {
    /// The digits of the consultation's id.
    var consultation: [UInt8]
    var student: [UInt8]
    var topic: [UInt8]
    var text: [UInt8]
    /// When the student asked, in UTC ms; nil if the server didn't say.
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
