// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Who may say and read what: a unit speaks only under its own id.
enum BrokerACL {
    /// Topics on which a unit of dialect 1 speaks, below `consultease/faculty/{id}/`.
    private static let dialect1Says = ["status", "mac_status", "heartbeat", "responses", "diagnostics"]
    private static let dialect1Hears = ["messages", "requests", "cancellations", "status_update"]

    /// The rules of the listeners that ask for credentials. A unit's user name is its id.
    static func text(dialect1 faculty: [FacultyID]) -> String {
        var lines = [
            "user \(BrokerConfiguration.serverUser)",
            "topic readwrite consultease/#",
            "topic readwrite professor/status",
            "",
        ]
        for id in faculty {
            lines.append("user \(UnitID(dialect1: id))")
            lines += dialect1Says.map { "topic write consultease/faculty/\(id)/\($0)" }
            lines += dialect1Hears.map { "topic read consultease/faculty/\(id)/\($0)" }
            lines += ["topic read consultease/system/notifications", ""]
        }
        lines += [
            "pattern write consultease/v2/unit/%u/state",
            "pattern write consultease/v2/unit/%u/event",
            "pattern read consultease/v2/unit/%u/command",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The rules of the listener for old units without credentials: dialect 1 alone.
    static var openText: String {
        let says = dialect1Says.map { "topic write consultease/faculty/+/\($0)" } + ["topic write professor/status"]
        let hears = dialect1Hears.map { "topic read consultease/faculty/+/\($0)" }
        return (says + hears + ["topic read consultease/system/notifications"]).joined(separator: "\n") + "\n"
    }
}
