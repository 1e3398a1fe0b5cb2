// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing
import Wire

@Suite("Topics")
struct TopicTests {
    static let known = [
        "consultease/faculty/1/status", "consultease/faculty/1/mac_status", "consultease/faculty/1/heartbeat",
        "consultease/faculty/1/responses", "consultease/faculty/1/diagnostics", "professor/status", "faculty/1/status",
        "consultease/faculty/9223372036854775807/messages", "consultease/faculty/1/requests",
        "consultease/faculty/1/cancellations", "consultease/faculty/1/status_update",
        "consultease/system/notifications",
        "consultease/v2/unit/desk-1/state", "consultease/v2/unit/-/event",
        "consultease/v2/unit/abcdefghijklmnopqrstuvwxyz-01234/command",
    ]

    @Test(arguments: known)
    func everyTopicOfTheTablesIsKnown(_ text: String) {
        #expect(Topic(text)?.text == text)
    }

    @Test(arguments: [
        "", "/", "professor", "professor/status/", "/professor/status", "Professor/status", "professor/messages",
        "consultease/faculty/1", "consultease/faculty/1/", "consultease/faculty/1/Status",
        "consultease/faculty/1/status/extra",
        "consultease/faculty/1/status\u{0}", "consultease//faculty/1/status", "CONSULTEASE/faculty/1/status",
        "consultease/v1/unit/desk-1/event", "consultease/v2/unit/desk-1/Event", "consultease/v2/unit/desk-1",
        "consultease/system/ping", "faculty/1/heartbeat", "$SYS/broker/uptime", "consultease/faculty/1/status ",
    ])
    func aTopicOfNoDialectIsRefused(_ text: String) {
        #expect(Topic(text) == nil)
    }

    @Test(arguments: [
        "0", "01", "-1", "+1", "", " 1", "1 ", "1.0", "1e0", "abc", "１", "+", "#", "9223372036854775808",
        "99999999999999999999",
    ])
    func anIDInATopicIsPlainDigits(_ id: String) {
        #expect(Topic("consultease/faculty/\(id)/status") == .unreadableID)
        #expect(Topic("faculty/\(id)/status") == .unreadableID)
    }

    @Test(arguments: ["", "Desk-1", "desk_1", "desk 1", "ünit", "+", "abcdefghijklmnopqrstuvwxyz-012345"])
    func aUnitHasASmallAlphabet(_ unit: String) {
        #expect(Topic("consultease/v2/unit/\(unit)/event") == .unreadableID)
    }

    @Test func theServerSubscribesToUnitsAndNotToItself() {
        for text in Self.known {
            guard let topic = Topic(text) else { continue }
            let isSubscribed = Topic.serverFilters.contains { matches($0, text) }
            let isMirror = topic.faculty != nil && text.hasPrefix("faculty/")
            #expect(isSubscribed == (!topic.isServers && !isMirror), "\(text)")
        }
    }

    private func matches(_ filter: String, _ topic: String) -> Bool {
        let (parts, levels) = (filter.split(separator: "/"), topic.split(separator: "/"))
        return parts.count == levels.count && zip(parts, levels).allSatisfy { $0 == "+" || $0 == $1 }
    }
}
