// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// Every topic of `wire/protocol.md`, of both dialects and both directions. Topics must match exactly: any other topic
/// is nil, or `.unreadableID` if only its id is invalid.
package enum Topic: Hashable, Sendable {
    // Dialect 1, unit → server.
    case status(FacultyID)
    case macStatus(FacultyID)
    case heartbeat(FacultyID)
    case responses(FacultyID)
    case diagnostics(FacultyID)
    /// An older spelling of `status`, which all units share: it names no person.
    case professorStatus
    /// `faculty/{id}/status` is a copy of `status`. It is refused, because otherwise each report would be applied
    /// twice.
    case mirror(FacultyID)

    // Dialect 1, server → unit.
    case messages(FacultyID)
    case requests(FacultyID)
    case cancellations(FacultyID)
    case statusUpdate(FacultyID)
    case systemNotifications

    // Dialect 2.
    case state(UnitID)
    case event(UnitID)
    case command(UnitID)

    /// The topic has the form of one above, but its id is invalid.
    case unreadableID
}

extension Topic {
    /// Returns nil if no table of the protocol lists the topic.
    package init?(_ text: String) {
        // The split stops after one level more than any topic has, so a topic of 65,535 slashes costs little.
        let levels = text.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 5, omittingEmptySubsequences: false
        ).map {
            String(decoding: $0, as: UTF8.self)
        }
        switch levels.count {
        case 2 where levels == ["professor", "status"]:
            self = .professorStatus
        case 3 where levels == ["consultease", "system", "notifications"]:
            self = .systemNotifications
        case 3 where levels[0] == "faculty" && levels[2] == "status":
            self = FacultyID(digits: levels[1]).map(Self.mirror) ?? .unreadableID
        case 4 where levels[0] == "consultease" && levels[1] == "faculty":
            guard let make = Self.ofFaculty(levels[3]) else { return nil }
            self = FacultyID(digits: levels[2]).map(make) ?? .unreadableID
        case 5 where levels[0...2] == ["consultease", "v2", "unit"]:
            guard let make = Self.ofUnit(levels[4]) else { return nil }
            self = UnitID(levels[3]).map(make) ?? .unreadableID
        default:
            return nil
        }
    }

    /// The topic as sent over MQTT; nil for an unreadable id.
    package var text: String? {
        switch self {
        case .status(let faculty): "consultease/faculty/\(faculty)/status"
        case .macStatus(let faculty): "consultease/faculty/\(faculty)/mac_status"
        case .heartbeat(let faculty): "consultease/faculty/\(faculty)/heartbeat"
        case .responses(let faculty): "consultease/faculty/\(faculty)/responses"
        case .diagnostics(let faculty): "consultease/faculty/\(faculty)/diagnostics"
        case .professorStatus: "professor/status"
        case .mirror(let faculty): "faculty/\(faculty)/status"
        case .messages(let faculty): "consultease/faculty/\(faculty)/messages"
        case .requests(let faculty): "consultease/faculty/\(faculty)/requests"
        case .cancellations(let faculty): "consultease/faculty/\(faculty)/cancellations"
        case .statusUpdate(let faculty): "consultease/faculty/\(faculty)/status_update"
        case .systemNotifications: "consultease/system/notifications"
        case .state(let unit): "consultease/v2/unit/\(unit)/state"
        case .event(let unit): "consultease/v2/unit/\(unit)/event"
        case .command(let unit): "consultease/v2/unit/\(unit)/command"
        case .unreadableID: nil
        }
    }

    /// The faculty member that the topic names (rule 1); nil if it names a unit or no person.
    package var faculty: FacultyID? {
        switch self {
        case .status(let faculty), .macStatus(let faculty), .heartbeat(let faculty), .responses(let faculty),
            .diagnostics(let faculty), .mirror(let faculty), .messages(let faculty), .requests(let faculty),
            .cancellations(let faculty), .statusUpdate(let faculty):
            faculty
        case .professorStatus, .systemNotifications, .state, .event, .command, .unreadableID: nil
        }
    }

    /// The unit that messages of this topic are counted for: dialect 2's unit, or `d1-{faculty}`.
    package var unit: UnitID? {
        switch self {
        case .state(let unit), .event(let unit), .command(let unit): unit
        default: faculty.map(UnitID.init(dialect1:))
        }
    }

    /// Whether the server itself publishes there; messages that arrive on it are refused.
    package var isServers: Bool {
        switch self {
        case .messages, .requests, .cancellations, .statusUpdate, .systemNotifications, .command: true
        case .status, .macStatus, .heartbeat, .responses, .diagnostics, .professorStatus, .mirror, .state, .event,
            .unreadableID:
            false
        }
    }

    /// The filters that a server subscribes to: every topic of a unit, and none of its own. The protocol excludes
    /// `faculty/{id}/status`.
    package static let serverFilters = [
        "consultease/faculty/+/status", "consultease/faculty/+/mac_status", "consultease/faculty/+/heartbeat",
        "consultease/faculty/+/responses", "consultease/faculty/+/diagnostics", "professor/status",
        "consultease/v2/unit/+/state", "consultease/v2/unit/+/event",
    ]

    private static func ofFaculty(_ level: String) -> ((FacultyID) -> Topic)? {
        switch level {
        case "status": Topic.status
        case "mac_status": Topic.macStatus
        case "heartbeat": Topic.heartbeat
        case "responses": Topic.responses
        case "diagnostics": Topic.diagnostics
        case "messages": Topic.messages
        case "requests": Topic.requests
        case "cancellations": Topic.cancellations
        case "status_update": Topic.statusUpdate
        default: nil
        }
    }

    private static func ofUnit(_ level: String) -> ((UnitID) -> Topic)? {
        switch level {
        case "state": Topic.state
        case "event": Topic.event
        case "command": Topic.command
        default: nil
        }
    }
}
