// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// CONNECT: the first packet of a connection.
struct Connect: Hashable, Sendable {
    var version: ProtocolVersion
    /// Clean Start; CleanSession in 3.1.1, which also makes the session end with the connection.
    var cleanStart: Bool
    /// Seconds; 0 is off.
    var keepAlive: UInt16
    var properties: Properties = []
    var clientID: String
    var will: WillMessage?
    var userName: String?
    /// Binary in both versions. Version 3.1.1 allows it only beside a user name.
    var password: [UInt8]?
}

/// What the server publishes if the connection ends otherwise than by a normal DISCONNECT.
struct WillMessage: Hashable, Sendable {
    var topic: String
    var payload: [UInt8]
    var qos: QoS
    var isRetained: Bool
    var properties: Properties = []
}

/// CONNACK: the server's answer to CONNECT.
struct ConnAck: Hashable, Sendable {
    var isSessionPresent: Bool
    var reasonCode: ReasonCode
    var properties: Properties = []
}
