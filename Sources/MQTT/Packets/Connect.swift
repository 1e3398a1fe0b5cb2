// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// CONNECT: the first packet of a connection.
struct Connect: Hashable, Sendable {
    var version: ProtocolVersion
    /// Clean Start in version 5; CleanSession in 3.1.1, where the session also ends with the connection.
    var cleanStart: Bool
    /// The keep-alive interval in seconds; 0 turns it off.
    var keepAlive: UInt16
    var properties: Properties = []
    var clientID: String
    var will: WillMessage?
    var userName: String?
    /// The password is binary in both versions. Version 3.1.1 allows it only with a user name.
    var password: [UInt8]?
}

/// The message that the server publishes unless the connection ends with a normal DISCONNECT.
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
