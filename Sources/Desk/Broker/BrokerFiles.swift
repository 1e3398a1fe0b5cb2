// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What the files in the embedded broker's folder are called.
enum BrokerFiles {
    /// The server's own way to the broker, a Unix socket.
    static let socket = "server.sock"
    static let passwords = "passwords"
    static let acl = "acl"
    static let openACL = "acl.open"
    static let configuration = "mosquitto.conf"
    static let log = "mosquitto.log"
    static let serverPassword = "server.password"
    /// Which mosquitto runs: see `RunningBroker`.
    static let running = "running.json"
    /// Which credentials and rules it has read: see `AccessRead`.
    static let accessRead = "access.json"
    /// See `BrokerFacts`.
    static let facts = "facts.json"
    /// mosquitto's own: sessions, and what waits for them.
    static let queue = "mosquitto.db"
    /// See `BrokerLock`.
    static let lock = "lock"
}
