// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension PacketBody {
    /// Writes the payload in its fixed order: client id, will, user name, password (3.1.3-1).
    static func write(_ connect: Connect, _ writer: inout PacketWriter) throws(CodecError) {
        let version = connect.version
        guard version == .v5 || connect.userName != nil || connect.password == nil else {
            throw .malformed("a password comes without a user name")
        }
        try checkAuthentication(connect.properties, isRequired: false)
        try writer.string("MQTT")
        writer.byte(version.rawValue)
        writer.byte(flags(of: connect).rawValue)
        writer.twoBytes(connect.keepAlive)
        try write(connect.properties, &writer, at: .connect, from: .client, in: version)
        try writer.string(connect.clientID)
        if let will = connect.will {
            guard TopicRules.isName(will.topic) else { throw .malformed("a will topic is no topic name") }
            try checkPayload(will.payload, will.properties)
            try write(will.properties, &writer, at: .will, from: .client, in: version)
            try writer.string(will.topic)
            try writer.binary(will.payload)
        }
        if let userName = connect.userName { try writer.string(userName) }
        if let password = connect.password { try writer.binary(password) }
    }

    private static func flags(of connect: Connect) -> ConnectFlags {
        var flags: ConnectFlags = []
        if connect.cleanStart { flags.insert(.cleanStart) }
        if let will = connect.will {
            flags.formUnion([.will, .willQoS(will.qos)])
            if will.isRetained { flags.insert(.willRetain) }
        }
        if connect.userName != nil { flags.insert(.userName) }
        if connect.password != nil { flags.insert(.password) }
        return flags
    }

    static func write(_ connack: ConnAck, _ writer: inout PacketWriter, _ fields: Fields) throws(CodecError) {
        try fields.check(connack.reasonCode)
        guard !connack.isSessionPresent || !connack.reasonCode.isFailure else {
            throw .protocolError("a CONNACK that refuses has Session Present set")
        }
        writer.byte(connack.isSessionPresent ? 1 : 0)
        switch fields.version {
        case .v5: writer.byte(connack.reasonCode.rawValue)
        case .v3_1_1:
            let old = ReasonCode.oldReturnCodes.firstIndex(of: connack.reasonCode)
            writer.byte(UInt8(old.map { $0 + 1 } ?? 0))
        }
        try checkAuthentication(connack.properties, isRequired: false)
        try fields.properties(connack.properties, &writer)
    }
}
