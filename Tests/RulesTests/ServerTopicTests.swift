// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing

struct ServerTopicTests {
    @Test(arguments: [
        "consultease/faculty/1/messages", "consultease/faculty/1/requests", "consultease/faculty/1/cancellations",
        "consultease/faculty/1/status_update", "consultease/system/notifications", "consultease/v2/unit/desk-1/command",
    ])
    func aMessageOnAServersTopicIsRefused(_ topic: String) {
        var room = Room()
        #expect(room.hear(topic, "{\"type\":\"faculty_status\",\"faculty_id\":3}").reason == .serverTopic)
        let expected: Int64 = topic == "consultease/system/notifications" ? 3 : 1
        #expect(room.hear(topic, "{\"faculty_id\":3}").outcome.faculty == FacultyID(expected))
    }
}
