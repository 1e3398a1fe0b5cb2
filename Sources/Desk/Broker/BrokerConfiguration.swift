// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What the embedded mosquitto is told. Pure: the text is made here, written by `BrokerFolder`.
package struct BrokerConfiguration: Sendable, Hashable {
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

    /// Where it is told to listen on TCP: first for units with credentials, then, where it is, for old ones.
    package var listeners: [Endpoint] { [desks] + (openDesks.map { [$0] } ?? []) }

    /// The `listeners` of a configuration that `text` made, now or in another version.
    static func listeners(of text: String) -> [Endpoint] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "listener", let port = Int(words[1]), port > 0 else { return nil }
            return Endpoint(host: String(words[2]), port: port)
        }
    }

    /// The user name of the server itself.
    package static let serverUser = "server"

    /// mosquitto.conf(5) for files in `folder`. Limits of QoS 1 are explicit: mosquitto's own defaults hold 1,000 messages
    /// for a server that is away and lose the rest, and save every 30 minutes. What waits in QoS 0 it limits by memory alone.
    package func text(folder: String) -> String {
        // Rules of a listener's own only where they must differ: with them mosquitto finds none for a session that it kept over a
        // restart and that came by the socket, and what units say before the server is back would be lost to it.
        let hasOwnRules = openDesks != nil
        var lines = general(folder, hasOwnRules: hasOwnRules)
        if !hasOwnRules { lines += guarded(folder) }
        lines += ["", "listener 0 \(folder)/\(BrokerFiles.socket)"]
        if hasOwnRules { lines += guarded(folder) }
        // A session belongs to who signs in: nobody who comes here takes another's, the server's least of all, by naming its
        // client id. Whoever comes by the open listener can, since mosquitto keeps client ids apart by no listener: see there.
        lines += ["", "listener \(desks.port) \(desks.host)", "max_connections 2000", "use_username_as_clientid true"]
        if hasOwnRules { lines += guarded(folder) }
        if let openDesks {
            lines += [
                "",
                "# Spoofable: whoever reaches this port can speak as any unit of dialect 1 that has no credentials,",
                "# and can cut any unit off by connecting with its id.",
                "listener \(openDesks.port) \(openDesks.host)", "max_connections 2000", "allow_anonymous true",
                "acl_file \(folder)/\(BrokerFiles.openACL)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func general(_ folder: String, hasOwnRules: Bool) -> [String] {
        [
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
        ] + (isRoot ? ["user root"] : [])
    }

    private func guarded(_ folder: String) -> [String] {
        [
            "allow_anonymous false", "password_file \(folder)/\(BrokerFiles.passwords)",
            "acl_file \(folder)/\(BrokerFiles.acl)",
        ]
    }
}
