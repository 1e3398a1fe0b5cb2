// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import DeskUnit

/// Garbage that a unit's own credential may send, and that every server must refuse without any effect.
///
/// None is an event with a valid boot and seq of its unit: the server would answer that event by refusing it.
package enum HostileMessage {
    /// Returns a random one for this unit.
    package static func random(for unit: LoadUnit, using random: inout SeededRandom) -> UnitMessage {
        let (topic, body) =
            switch unit.dialect {
            case .one: one(unit.faculty).randomElement(using: &random) ?? ("heartbeat", "")
            case .two: two.randomElement(using: &random) ?? ("event", "")
            }
        let folder =
            switch unit.dialect {
            case .one: "consultease/faculty/\(unit.faculty)/"
            case .two: "consultease/v2/unit/\(unit.unit)/"
            }
        return UnitMessage(
            topic: Array((folder + topic).utf8), payload: Array(body.utf8), isAtLeastOnce: true, isRetained: false)
    }

    private static func one(_ faculty: Int64) -> [(topic: String, body: String)] {
        [
            ("status", #"{"present":"false"}"#),
            ("status", #"{"present":true,"status":"AWAY"}"#),
            ("status", #"{"present":true,"faculty_id":\#(faculty + 1)}"#),
            ("status", #"{"present":true,"present":false}"#),
            ("status", #"{"status":"PRESENT"}"#),
            ("status", "[true]"),
            ("status", "{\"present\":true"),
            ("status", "faculty_maybe"),
            ("mac_status", #"{"status":"faculty_present","mac":"00:00:00:00:00:00"}"#),
            ("heartbeat", "alive"),
            ("responses", #"{"response_type":"ACKNOWLEDGE","message_id":"0"}"#),
            ("responses", #"{"response_type":"MAYBE","message_id":"1"}"#),
            ("responses", #"{"response_type":"ACKNOWLEDGE","message_id":"9007199254740993"}"#),
            ("responses", String(repeating: "[", count: 2_000)),
        ]
    }

    private static let two: [(topic: String, body: String)] = [
        ("event", "{}"),
        ("event", #"{"boot":"B0000001","seq":1,"type":"presence","present":true}"#),
        ("event", #"{"boot":"b0000001","seq":0,"type":"presence","present":true}"#),
        ("event", #"{"boot":"b0000001","seq":"1","type":"presence","present":true}"#),
        ("event", #"{"boot":"b0000001","seq":1.5,"type":"presence","present":true}"#),
        ("event", #"{"boot":"b0000001","seq":1,"seq":2,"type":"beat"}"#),
        ("event", #"{"boot":"b0000001","type":"presence","present":false}"#),
        ("event", "presence"),
        ("event", String(repeating: "[", count: 2_000)),
        ("state", #"{"online":"false"}"#),
        ("state", #"{"online":true}"#),
        ("state", "offline"),
    ]
}
