// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What the embedded mosquitto is told. Pure: the text is made here, written by `BrokerFolder`.
package struct BrokerConfiguration: Sendable, Hashable {
    /// A host and a port to listen on.
    package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
        package let host: String
        package let port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// Reads `HOST:PORT`; an IPv6 host stands in brackets.
        package init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (0...65535).contains(port), colon > text.startIndex
            else { return nil }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            self.init(host: String(host), port: port)
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// Where units with credentials connect.
    package let desks: Endpoint
    /// Where old units without credentials connect: anybody who reaches it can speak as any old unit. Nil: nowhere.
    package let openDesks: Endpoint?
    /// Whether the process runs as root: mosquitto would drop to another user, who can't read the folder.
    package let isRoot: Bool

    package init(desks: Endpoint, openDesks: Endpoint?, isRoot: Bool) {
        self.desks = desks
        self.openDesks = openDesks
        self.isRoot = isRoot
    }

    /// Where it is told to listen, for people.
    var listening: String { ([desks] + (openDesks.map { [$0] } ?? [])).map(\.description).joined(separator: ", ") }

    /// The user name of the server itself.
    package static let serverUser = "server"

    /// mosquitto.conf(5) for files in `folder`. Every limit is explicit; mosquitto's own defaults hold 1,000 messages for a
    /// server that is away and lose the rest, and save every 30 minutes.
    package func text(folder: String) -> String {
        // Rules of a listener's own only where they must differ: with them mosquitto finds none for a session that it kept over a
        // restart and that came by the socket, and what units say before the server is back would be lost to it.
        let hasOwnRules = openDesks != nil
        var lines = [
            "# Written by consultease at each start: changes made here are lost.",
            "per_listener_settings \(hasOwnRules)",
            "persistence true",
            "persistence_location \(folder)/",
            "persistence_file mosquitto.db",
            "autosave_interval 5",
            "queue_qos0_messages true",
            "max_queued_messages 100000",
            "max_queued_bytes 67108864",
            "max_inflight_messages \(DeskEdge.receiveMaximum)",
            "max_packet_size 131072",
            "persistent_client_expiration 14d",
            "sys_interval 0",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "log_type notice",
            "connection_messages false",
        ]
        if isRoot { lines.append("user root") }
        if !hasOwnRules { lines += guarded(folder) }
        lines += ["", "listener 0 \(folder)/\(BrokerFolder.socketName)"]
        if hasOwnRules { lines += guarded(folder) }
        // A session belongs to who signs in: nobody takes another's, the server's least of all, by naming its client id.
        lines += ["", "listener \(desks.port) \(desks.host)", "max_connections 2000", "use_username_as_clientid true"]
        if hasOwnRules { lines += guarded(folder) }
        if let openDesks {
            lines += [
                "", "# Spoofable: whoever reaches this port can speak as any unit of dialect 1.",
                "listener \(openDesks.port) \(openDesks.host)", "max_connections 2000", "allow_anonymous true",
                "acl_file \(folder)/\(BrokerFolder.openACLName)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func guarded(_ folder: String) -> [String] {
        [
            "allow_anonymous false", "password_file \(folder)/\(BrokerFolder.passwordsName)",
            "acl_file \(folder)/\(BrokerFolder.aclName)",
        ]
    }
}
