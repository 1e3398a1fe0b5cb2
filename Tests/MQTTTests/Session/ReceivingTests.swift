// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

@Suite("Session machine, messages in")
struct ReceivingTests {
    /// 3.3.4-1, 4.5.0-2, 4.3.2-4: a QoS 1 message is acknowledged after `ack()`, by its identifier.
    @Test func messagesAreDeliveredAndAnsweredByTheirQoS() {
        var bench = MachineBench()
        _ = bench.connect()
        #expect(bench.receive(.publish(.once("a"))) == [.deliver(.once("a"))])
        let message = Publish.acknowledged("b", 9)
        #expect(bench.receive(.publish(message)) == [.deliver(message)])
        #expect(bench.machine.counters.open == 1)
        #expect(bench.handle(.acknowledged(.of(9))) == [.send(.puback(Acknowledgement(packetID: .of(9))))])
        #expect(bench.machine.counters.open == 0)
    }

    /// 4.3.2-5: the client never takes a message for an earlier one with the same identifier, with DUP or without.
    @Test(arguments: [true, false])
    func theSameIdentifierIsANewMessage(isDuplicate: Bool) {
        var bench = MachineBench()
        _ = bench.connect()
        _ = bench.receive(.publish(.acknowledged("a", 1)))
        _ = bench.handle(.acknowledged(.of(1)))
        let again = Publish.acknowledged("a", 1, isDuplicate: isDuplicate)
        #expect(bench.receive(.publish(again)) == [.deliver(again)])
        #expect(bench.handle(.acknowledged(.of(1))).types == [.puback])
    }

    /// Beyond Receive Maximum (MQTT 5.0, 3.3.4), messages are tolerated, counted, and warned about once per connection;
    /// beyond the bound, 0x93 ends it.
    @Test func excessIsToleratedUpToABound() {
        var configuration = ClientConfiguration.forTests()
        configuration.receiveMaximum = 2
        configuration.receiveMaximumPolicy = .tolerate(upTo: 4)
        var bench = MachineBench(configuration)
        _ = bench.connect()
        #expect(bench.receive(.publish(.acknowledged("a", 1))).count == 1)
        #expect(bench.receive(.publish(.acknowledged("a", 2))).count == 1)
        #expect(
            bench.receive(.publish(.acknowledged("a", 3)))
                == [.note(.receiveMaximumExceeded(open: 3, maximum: 2)), .deliver(.acknowledged("a", 3))])
        #expect(bench.receive(.publish(.acknowledged("a", 4))) == [.deliver(.acknowledged("a", 4))])
        #expect(bench.machine.counters.receiveMaximumExcess == 2)
        #expect(bench.machine.counters.openHighWater == 4)
        let beyond = bench.receive(.publish(.acknowledged("a", 5)))
        #expect(beyond.disconnectCode == .receiveMaximumExceeded)
        #expect(beyond.delivered.isEmpty)
        bench.close()
        #expect(bench.machine.openCount == 0)
        _ = bench.connect()
        for id in 1...2 { _ = bench.receive(.publish(.acknowledged("a", UInt16(id)))) }
        #expect(bench.receive(.publish(.acknowledged("a", 3))).count == 2, "warned of again on a new connection")
    }

    /// 3.3.4-9.
    @Test func strictRefusesTheFirstExcess() {
        var configuration = ClientConfiguration.forTests()
        configuration.receiveMaximum = 2
        configuration.receiveMaximumPolicy = .strict
        var bench = MachineBench(configuration)
        _ = bench.connect()
        for id in 1...2 { #expect(bench.receive(.publish(.acknowledged("a", UInt16(id)))).end == nil) }
        _ = bench.handle(.acknowledged(.of(1)))
        #expect(bench.receive(.publish(.acknowledged("a", 3))).end == nil)
        #expect(bench.receive(.publish(.once("a"))).end == nil, "QoS 0 is not counted")
        #expect(bench.receive(.publish(.acknowledged("a", 4))).disconnectCode == .receiveMaximumExceeded)
    }

    /// Version 3.1.1 announces no Receive Maximum, so no message exceeds it.
    @Test func version311HasNoReceiveMaximum() {
        var configuration = ClientConfiguration.forTests(.v3_1_1)
        configuration.receiveMaximum = 1
        configuration.receiveMaximumPolicy = .strict
        var bench = MachineBench(configuration)
        _ = bench.connect()
        for id in 1...50 { #expect(bench.receive(.publish(.acknowledged("a", UInt16(id)))).end == nil) }
        #expect(bench.machine.counters.receiveMaximumExcess == 0)
    }

    /// MQTT 5.0, 3.5 to 3.7: packets that match no request are counted, and answered if the protocol demands it.
    @Test func packetsThatAnswerToNothingAreCounted() {
        for version in ProtocolVersion.allCases {
            var bench = MachineBench(.forTests(version))
            _ = bench.connect()
            let ack = Acknowledgement(packetID: .of(5))
            #expect(bench.receive(.puback(ack)).packets.isEmpty)
            #expect(bench.receive(.pubcomp(ack)).packets.isEmpty)
            let unknown = Acknowledgement(
                packetID: .of(5), reasonCode: version == .v5 ? .packetIdentifierNotFound : .success)
            #expect(bench.receive(.pubrec(ack)).packets == [.pubrel(unknown)])
            #expect(bench.receive(.pubrel(ack)).packets == [.pubcomp(unknown)])
            #expect(bench.machine.counters.unexpectedPackets == 4)
        }
    }

    /// 3.4.2-2, 3.4.2-3 and the similar rules: diagnostic properties are left out if the packet would exceed the
    /// server's Maximum Packet Size.
    @Test func diagnosisYieldsToTheServersLimit() throws {
        let limits = ServerLimits([.maximumPacketSize(20)], keepAlive: 0, keepsSession: false)
        let encoder = PacketEncoder(version: .v5, from: .client)
        let long: Properties = [
            .reasonString(String(repeating: "r", count: 30)), .userProperty(UserProperty(name: "n", value: "v")),
        ]
        let ack = Acknowledgement(packetID: .of(1), reasonCode: .unspecifiedError, properties: long)
        let bare = Acknowledgement(packetID: .of(1), reasonCode: .unspecifiedError)
        let rel = Acknowledgement(packetID: .of(1), reasonCode: .packetIdentifierNotFound, properties: long)
        let bareRel = Acknowledgement(packetID: .of(1), reasonCode: .packetIdentifierNotFound)
        let method = Property.authenticationMethod("m")
        let cases: [(Packet, Packet)] = [
            (.puback(ack), .puback(bare)), (.pubrec(ack), .pubrec(bare)), (.pubrel(rel), .pubrel(bareRel)),
            (.pubcomp(rel), .pubcomp(bareRel)),
            (
                .disconnect(Disconnect(reasonCode: .protocolError, properties: long)),
                .disconnect(Disconnect(reasonCode: .protocolError))
            ),
            (
                .auth(Auth(reasonCode: .continueAuthentication, properties: Properties([method] + long.list))),
                .auth(Auth(reasonCode: .continueAuthentication, properties: [method]))
            ),
        ]
        for (packet, expected) in cases { #expect(limits.trimmed(packet, as: encoder) == expected) }
        let roomy = ServerLimits([.maximumPacketSize(1_000)], keepAlive: 0, keepsSession: false)
        for (packet, _) in cases { #expect(roomy.trimmed(packet, as: encoder) == packet) }
    }
}
