// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What the embedded mosquitto is told. Pure: the text is made here, written by `BrokerFolder`.
package struct BrokerConfiguration: Sendable, Hashable {
    /// Where units with credentials connect.
    package let desks: Endpoint
    /// Where old units without credentials connect: any client that reaches it can speak as any old unit. Nil: nowhere.
    package let openDesks: Endpoint?
    /// What may wait for the server, or for a unit.
    package let queue: Queue
    /// Whether the process runs as root: mosquitto would drop to another user, who can't read the folder.
    package let isRoot: Bool

    /// How much may wait for one session. Mosquitto acknowledges and drops messages beyond that.
    package struct Queue: Sendable, Hashable {
        package var messages = 200_000
        /// Each of at most `largestPacket`: 3,855 of the largest.
        package var bytes = 268_435_456
        /// Bytes of mosquitto's heap, as the last resort: what waits in QoS 0 has no other limit. Far above `bytes`,
        /// since at this limit mosquitto disconnects clients, the server among them.
        package var memory = 805_306_368
        /// In seconds: how often mosquitto says how many it has dropped.
        package var saysDroppedEvery = 10

        package init() {}
    }

    /// In bytes: the largest payload that is read, 64 KiB, with room for its topic and properties. mosquitto closes the
    /// connection of a client that sends more.
    static let largestPacket = 69_632

    package init(desks: Endpoint, openDesks: Endpoint?, queue: Queue = Queue(), isRoot: Bool) {
        self.desks = desks
        self.openDesks = openDesks
        self.queue = queue
        self.isRoot = isRoot
    }

    /// The TCP addresses that it listens on: first for units with credentials, then, if it is, for old ones.
    package var listeners: [Endpoint] { [desks] + (openDesks.map { [$0] } ?? []) }

    /// The `listeners` of a configuration that `text` made, now or in another version.
    static func listeners(of text: String) -> [Endpoint] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard (2...3).contains(words.count), words[0] == "listener", let port = Int(words[1]), port > 0 else {
                return nil
            }
            return Endpoint(host: words.count == 3 ? String(words[2]) : "::", port: port)
        }
    }

    /// The user name of the server itself.
    package static let serverUser = "server"

    /// mosquitto.conf(5) for files in `folder`. Limits of QoS 1 are explicit: mosquitto's own defaults hold 1,000
    /// messages for a server that is away and lose the rest, and save every 30 minutes. What waits in QoS 0 it limits
    /// by memory alone.
    package func text(folder: String) -> String {
        // Rules of a listener's own only if they must differ: with them mosquitto finds none for a session that it kept
        // over a restart and that came by the socket, and what units say before the server is back would be lost to it.
        let hasOwnRules = openDesks != nil
        var lines = general(folder, hasOwnRules: hasOwnRules)
        if !hasOwnRules { lines += guarded(folder) }
        lines += ["", "listener 0 \(folder)/\(BrokerFiles.socket)"]
        if hasOwnRules { lines += guarded(folder) }
        // A session belongs to its user: a client here can't take another's session, least of all the server's, by
        // naming its client id. A client on the open listener can, since mosquitto shares client ids between listeners:
        // see there.
        lines += ["", Self.line(desks), "max_connections 2000", "use_username_as_clientid true"]
        if hasOwnRules { lines += guarded(folder) }
        if let openDesks {
            lines += [
                "",
                "# Spoofable: any client that reaches this port can speak as any unit of dialect 1 that has no credentials,",
                "# and can cut any unit off by connecting with its id.",
                Self.line(openDesks), "max_connections 2000", "allow_anonymous true",
                "acl_file \(folder)/\(BrokerFiles.openACL)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// mosquitto takes `::` for IPv6 alone, and a listener without an address for every address of both kinds.
    private static func line(_ endpoint: Endpoint) -> String {
        endpoint.host == "::" ? "listener \(endpoint.port)" : "listener \(endpoint.port) \(endpoint.host)"
    }

    private func general(_ folder: String, hasOwnRules: Bool) -> [String] {
        [
            "# Written by consultease at each start: changes made here are lost.",
            "per_listener_settings \(hasOwnRules)",
            "persistence true",
            "persistence_location \(folder)/",
            "persistence_file \(BrokerFiles.queue)",
            "autosave_interval 5",
            "queue_qos0_messages true",
            "max_queued_messages \(queue.messages)",
            "max_queued_bytes \(queue.bytes)",
            "memory_limit \(queue.memory)",
            "max_inflight_messages \(DeskEdge.receiveMaximum)",
            "max_packet_size \(Self.largestPacket)",
            "persistent_client_expiration 14d",
            "sys_interval \(queue.saysDroppedEvery)",
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
