// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// Who may say and read what: a unit speaks only under its own id.
package enum BrokerACL {
    /// Topics on which a unit of dialect 1 speaks, below `consultease/faculty/{id}/`.
    private static let dialect1Says = ["status", "mac_status", "heartbeat", "responses", "diagnostics"]
    private static let dialect1Hears = ["messages", "requests", "cancellations", "status_update"]

    private static let professorStatus = "professor/status"

    /// The rules of the listeners that ask for credentials. A unit's user name is its id.
    static func text(units: [UnitID], facts: BrokerFacts) -> String {
        var lines = [
            "user \(BrokerConfiguration.serverUser)",
            "topic readwrite consultease/#",
            "topic readwrite \(professorStatus)",
            "topic read \(DropDetector.topic)",
            "",
        ]
        for unit in units where unit.dialect1Faculty != nil {
            lines += rules(of: unit)
            if unit == facts.sender { lines.append("topic write \(professorStatus)") }
            lines.append("")
        }
        lines += dialect2("pattern", unit: "%u")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The rules of one unit, as they stand in an ACL file of mosquitto.
    package static func rules(of unit: UnitID) -> [String] {
        guard let id = unit.dialect1Faculty else { return ["user \(unit)"] + dialect2("topic", unit: unit.rawValue) }
        return ["user \(unit)"]
            + dialect1Says.map { "topic write consultease/faculty/\(id)/\($0)" }
            + dialect1Hears.map { "topic read consultease/faculty/\(id)/\($0)" }
            + ["topic read consultease/system/notifications"]
    }

    /// The rules of the listener for old units if it isn't known for whom a unit with credentials speaks: nothing is
    /// allowed.
    static let closedText = "# Closed: credentials or facts of this folder are damaged.\ntopic deny #\n"

    private static func dialect2(_ keyword: String, unit: String) -> [String] {
        [
            "\(keyword) write consultease/v2/unit/\(unit)/state",
            "\(keyword) write consultease/v2/unit/\(unit)/event",
            "\(keyword) read consultease/v2/unit/\(unit)/command",
        ]
    }

    /// The rules of the listener for old units without credentials: dialect 1 alone, and not for those for whom a unit
    /// with credentials speaks. A body on `professor/status` can name any person, and no rule can see it: if any
    /// person's unit has a password, it is closed except for one sender without credentials that an operator named.
    static func openText(guarded: Set<FacultyID>, facts: BrokerFacts) -> String {
        let says = dialect1Says.map { "topic write consultease/faculty/+/\($0)" }
        let hears = dialect1Hears.map { "topic read consultease/faculty/+/\($0)" }
        let isSenderOpen = facts.sender?.dialect1Faculty.map { !guarded.contains($0) } ?? guarded.isEmpty
        let closed = guarded.sorted().map { "topic deny consultease/faculty/\($0)/#" }
        let lines =
            closed + says + (isSenderOpen ? ["topic write \(professorStatus)"] : []) + hears
            + ["topic read consultease/system/notifications"]
        return lines.joined(separator: "\n") + "\n"
    }
}
