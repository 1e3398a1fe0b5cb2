// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

/// Tests the first byte: type, flags, direction (MQTT 5.0 section 2.1).
@Suite("Codec, fixed header")
struct FixedHeaderTests {
    /// Covers 2.1.3-1, 3.6.1-1, 3.8.1-1, 3.10.1-1, 3.14.1-1, 3.15.1-1, 3.3.1-2, 3.3.1-4: all 16 types with all 16
    /// flags.
    @Test(arguments: ProtocolVersion.allCases, Role.allCases)
    func everyFirstByteIsJudgedAtOnce(version: ProtocolVersion, sender: Role) {
        for first in UInt8.min...UInt8.max {
            let (type, flags) = (first >> 4, first & 0x0F)
            let isKnown = type != 0 && (type != 15 || version == .v5)
            let areFlagsRight =
                switch type {
                case 3: [0, 1, 2, 3, 4, 5, 10, 11, 12, 13].contains(flags)
                case 6, 8, 10: flags == 2
                default: flags == 0
                }
            let isFromClient = [1, 3, 4, 5, 6, 7, 8, 10, 12, 14, 15].contains(type)
            let isFromServer = [2, 3, 4, 5, 6, 7, 9, 11, 13, 15].contains(type) || (type == 14 && version == .v5)
            let isRightSide = sender == .client ? isFromClient : isFromServer
            let expected: ReasonCode? =
                !isKnown || !areFlagsRight ? .malformedPacket : isRightSide ? nil : .protocolError
            #expect(Bytes.refusal([first], version, from: sender) == expected, "first byte \(first)")
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func packetsOfTheOtherSideAreNeverSent(version: ProtocolVersion) {
        let connack = Packet.connack(ConnAck(isSessionPresent: false, reasonCode: .success))
        #expect(Bytes.encodingIsRefused(connack, version))
        #expect(Bytes.encodingIsRefused(.pingresp, version))
        #expect(Bytes.encodingIsRefused(.pingreq, version, from: .server))
        #expect(Bytes.encodingIsRefused(.disconnect(Disconnect()), version, from: .server) == (version == .v3_1_1))
        let auth = Auth(reasonCode: .continueAuthentication, properties: [.authenticationMethod("m")])
        #expect(Bytes.encodingIsRefused(.auth(auth), version) == (version == .v3_1_1))
    }

    /// A body must be neither shorter nor longer than its fields.
    @Test(
        arguments: [
            [0xD0, 1, 0], [0x40, 0], [0x40, 1, 0], [0x20, 1, 0], [0x20, 0], [0x90, 2, 0, 1], [0x90, 3, 0, 1, 0],
            [0xB0, 3, 0, 1, 0], [0x40, 5, 0, 1, 0, 0, 0], [0xE0, 3, 0, 0, 0], [0x30, 0], [0x30, 1, 0],
            [0x32, 4, 0, 1, 0x61, 0],
        ] as [[UInt8]])
    func bodiesHaveTheLengthOfTheirFields(bytes: [UInt8]) {
        #expect(Bytes.refusal(bytes) == .malformedPacket)
    }

    /// 2.2.1-2: no identifier at QoS 0; 2.2.1-4: never 0 above it.
    @Test func identifiersGoWithTheQoS() throws {
        #expect(try Bytes.encode(.publish(.once("a", [9]))) == [0x30, 5, 0, 1, 0x61, 0, 9])
        #expect(try Bytes.encode(.publish(.acknowledged("a", 258, [9]))) == [0x32, 7, 0, 1, 0x61, 1, 2, 0, 9])
        let again = Packet.publish(.acknowledged("a", 1, [], isDuplicate: true))
        #expect(try Bytes.encode(again) == [0x3A, 6, 0, 1, 0x61, 0, 1, 0])
        let twice = Publish(
            topic: "a", payload: [], delivery: .exactlyOnce(.of(1), isDuplicate: false), isRetained: true)
        #expect(try Bytes.encode(.publish(twice), .v3_1_1) == [0x35, 5, 0, 1, 0x61, 0, 1])
        for bytes in [
            [0x32, 6, 0, 1, 0x61, 0, 0, 0], [0x40, 2, 0, 0], [0x62, 2, 0, 0], [0x90, 4, 0, 0, 0, 0],
        ] as [[UInt8]] {
            #expect(Bytes.refusal(bytes) == .protocolError)
        }
    }
}
