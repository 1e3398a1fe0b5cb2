// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HashTreeCollections
import Service
import Store
import TestSupport
import Testing
import Wire

/// Rows may hold any number that an operator has written at a SQL prompt: none ends the server, or stops its work.
@Suite("Ingest over rows with numbers at the ends of their range")
struct ExtremeRowTests {
    private static let numbers: [Int64] = [.min, .min + 1, -1, 0, 1 << 53, .max - 1, .max]

    private static let columns = [
        "unit_link": [
            "heard_at", "tolerance", "offline_since", "uptime", "uptime_at", "started_at", "heartbeat_at",
            "heartbeat_interval", "gaps",
        ],
        "unit_boot": ["last_presence"],
        "presence": ["since", "evidence_at"],
        "availability": ["since", "until", "last_evidence"],
    ]

    private static let messages = [
        ("consultease/faculty/1/status", #"{"present":false,"timestamp":4294967295}"#),
        ("consultease/faculty/1/heartbeat", #"{"uptime":4294967295}"#),
        ("consultease/v2/unit/desk-2/event", #"{"boot":"b0000001","seq":9223372036854775807,"type":"beat"}"#),
        ("consultease/v2/unit/desk-2/event", #"{"boot":"c0000001","seq":9223372036854775807,"type":"beat"}"#),
        ("consultease/v2/unit/desk-2/event", #"{"boot":"b0000001","seq":5,"type":"presence","present":true}"#),
        ("consultease/v2/unit/desk-2/state", #"{"online":false}"#),
    ]

    @Test(arguments: numbers)
    func everyMessageIsSettledAndTheBoardFollows(number: Int64) async throws {
        try await withService { fixture in
            try await fixture.store.write { transaction in
                guard let unit = UnitID("desk-2") else { return }
                try UnitRepository(transaction).add(unit, dialect: .two, faculty: .number(2))
            }
            _ = await fixture.send("consultease/faculty/1/status", #"{"present":true,"timestamp":5000}"#)
            _ = await fixture.send(
                "consultease/v2/unit/desk-2/event", #"{"boot":"b0000001","seq":1,"type":"presence","present":true}"#)
            for (table, columns) in Self.columns.sorted(by: { $0.key < $1.key }) {
                for column in columns {
                    let file = try #require(fixture.file)
                    try await outsider("UPDATE \(table) SET \(column) = \(number)", on: file)
                    for (topic, payload) in Self.messages {
                        let settlement = await fixture.send(topic, payload)
                        guard case .committed = settlement else {
                            Issue.record("\(table).\(column): \(topic) is not settled")
                            return
                        }
                    }
                    #expect(await fixture.card(.number(1)) != nil, "\(table).\(column)")
                }
            }
        }
    }
}
