// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Testing

@testable import MQTT

/// The client works against a real broker.
@Suite("Mosquitto", .serialized, .enabled(if: Mosquitto.isInstalled), .timeLimit(.minutes(5)))
struct MosquittoTests {
    @Test(arguments: ProtocolVersion.allCases, [true, false])
    func messagesGoRoundAtBothQoS(version: ProtocolVersion, overUnixSocket: Bool) async throws {
        try await Mosquitto.with { broker in
            var configuration = broker.configuration(version, id: "one", filters: ["t/#"])
            if overUnixSocket { configuration.address = .unix(path: broker.socketPath) }
            try await withClient(configuration) { client in
                try await client.connected()
                var messages = client.messages.makeAsyncIterator()
                let once = try await client.publish(topic: "t/0", payload: [0], qos: .atMostOnce)
                #expect(once == .handedOver)
                let zero = await messages.next()
                #expect(zero?.topic == "t/0" && zero?.qos == .atMostOnce)
                for number in 1...100 {
                    let outcome = try await client.publish(
                        topic: "t/1", payload: [UInt8(number)],
                        properties: version == .v5
                            ? MessageProperties(user: [UserProperty(name: "n", value: "\(number)")]) : .none)
                    #expect(outcome == .acknowledged(.success))
                }
                for number in 1...100 {
                    let message = try #require(await messages.next())
                    #expect(message.payload == [UInt8(number)] && message.qos == .atLeastOnce && !message.isRetained)
                    #expect(message.properties.user.map(\.value) == (version == .v5 ? ["\(number)"] : []))
                    message.ack()
                }
                try await eventually("acknowledged") { client.status.counters.acknowledgementsSent == 100 }
                #expect(client.status.counters.open == 0)
            }
        }
    }

    @Test func retainedMessagesComeAtSubscribeAndNotAtResume() async throws {
        try await Mosquitto.with { broker in
            try await withClient(broker.configuration(id: "publisher")) { publisher in
                try await publisher.connected()
                _ = try await publisher.publish(topic: "r", payload: [1], retain: true)
                let marker = MemoryMarker()
                let configuration = broker.configuration(id: "reader", marker: marker, filters: ["r", "live"])
                try await withClient(configuration) { client in
                    var messages = client.messages.makeAsyncIterator()
                    let retained = await messages.next()
                    #expect(retained?.isRetained == true && retained?.payload == [1])
                    retained?.ack()
                }
                // Another process subscribes again, but gets no second copy of the retained message.
                try await withClient(configuration) { client in
                    try await client.connected()
                    #expect(client.status.state == .connected(sessionResumed: true))
                    _ = try await publisher.publish(topic: "live", payload: [2])
                    var messages = client.messages.makeAsyncIterator()
                    let next = await messages.next()
                    #expect(next?.payload == [2] && next?.isRetained == false)
                }
            }
        }
    }

    /// The broker sends only the unacknowledged messages again.
    @Test(arguments: ProtocolVersion.allCases)
    func afterACutOnlyTheUnacknowledgedComesAgain(version: ProtocolVersion) async throws {
        try await Mosquitto.with { broker in
            let configuration = broker.configuration(version, id: "reader", marker: MemoryMarker(), filters: ["t"])
            try await withClient(broker.configuration(id: "publisher")) { publisher in
                try await publisher.connected()
                try await withClient(configuration) { client in
                    try await client.connected()
                    for number in 1...6 { _ = try await publisher.publish(topic: "t", payload: [UInt8(number)]) }
                    var messages = client.messages.makeAsyncIterator()
                    var taken: [IncomingMessage] = []
                    while taken.count < 6, let message = await messages.next() { taken.append(message) }
                    for message in taken.prefix(3) { message.ack() }
                    taken[4].ack()
                    // The fifth is acknowledged before the fourth, so its PUBACK can't leave yet.
                    _ = try await client.publish(topic: "after", payload: [])
                    #expect(client.status.counters.acknowledgementsSent == 3)
                    client.cutConnection()
                    try await eventually("reconnected") { client.status.counters.connections == 2 }
                    var again: [[UInt8]] = []
                    while again.count < 3, let message = await messages.next() {
                        #expect(message.isDuplicate)
                        again.append(message.payload)
                        message.ack()
                    }
                    #expect(again == [[4], [5], [6]])
                    #expect(client.status.state == .connected(sessionResumed: true))
                    #expect(client.status.counters.sessionsLost == 0)
                    _ = try await publisher.publish(topic: "t", payload: [7])
                    let last = await messages.next()
                    #expect(last?.payload == [7] && last?.isDuplicate == false)
                }
            }
        }
    }

    /// A session outlives the process, and the client notices a broker that lost it (3.2.2-5).
    @Test func aSessionOutlivesTheProcessButNotTheBroker() async throws {
        try await Mosquitto.with { broker in
            let marker = MemoryMarker()
            let configuration = broker.configuration(id: "reader", marker: marker, filters: ["t"])
            try await withClient(configuration) { client in try await client.connected() }
            try await withClient(broker.configuration(id: "publisher")) { publisher in
                try await publisher.connected()
                #expect(try await publisher.publish(topic: "t", payload: [1]) == .acknowledged(.success))
            }
            try await withClient(configuration) { client in
                var messages = client.messages.makeAsyncIterator()
                let kept = await messages.next()
                #expect(kept?.payload == [1])
                kept?.ack()
                try await client.connected()
                broker.kill()
                try await eventually("noticed") { client.status.lastEnd != nil }
                try await broker.start()
                try await eventually("session lost") { client.status.counters.sessionsLost == 1 }
                try await client.connected()
                #expect(client.status.state == .connected(sessionResumed: false))
            }
        }
    }

    /// No message is lost or doubled, and the bound is kept, if the consumer is slower than the publishers.
    @Test(arguments: ProtocolVersion.allCases)
    func aSlowConsumerLosesNothing(version: ProtocolVersion) async throws {
        let total = 5_000
        try await Mosquitto.with(["allow_anonymous true", "max_queued_messages 0"]) { broker in
            var configuration = broker.configuration(version, id: "reader", marker: MemoryMarker(), filters: ["t"])
            configuration.bufferLimit = 8
            configuration.receiveMaximum = 20
            try await withClient(configuration) { client in
                try await client.connected()
                try await withClient(broker.configuration(id: "publisher")) { publisher in
                    try await publisher.connected()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            for number in 0..<total {
                                let payload = [UInt8(number >> 8), UInt8(number & 0xFF)]
                                _ = try await publisher.publish(topic: "t", payload: payload)
                            }
                        }
                        // The first messages wait until the client has stopped reading.
                        try await eventually("paused") { client.status.isReadingPaused }
                        var messages = client.messages.makeAsyncIterator()
                        var received: [Int] = []
                        var batch: [IncomingMessage] = []
                        while received.count < total, let message = await messages.next() {
                            received.append(Int(message.payload[0]) << 8 | Int(message.payload[1]))
                            batch.append(message)
                            guard batch.count == 10 || client.status.isReadingPaused else { continue }
                            // The messages are acknowledged at once, as by an application that commits a batch.
                            for message in batch.reversed() { message.ack() }
                            batch = []
                            await Task.yield()
                        }
                        #expect(received == Array(0..<total))
                        try await group.waitForAll()
                    }
                }
                let counters = client.status.counters
                #expect(counters.bufferHighWater == 8)
                #expect(counters.readingPauses > 0)
                #expect(counters.connections == 1)
            }
        }
    }

    /// mosquitto 2.0.11 exceeds Receive Maximum (MQTT 5.0, 3.3.4); the client counts and tolerates this.
    @Test func theBrokersExcessIsTolerated() async throws {
        let log = RecordedLog()
        try await Mosquitto.with { broker in
            var configuration = broker.configuration(id: "reader", marker: MemoryMarker(), filters: ["t"])
            configuration.receiveMaximum = 3
            try await withClient(configuration, log: log) { client in
                try await client.connected()
                try await withClient(broker.configuration(id: "publisher")) { publisher in
                    try await publisher.connected()
                    for number in 0..<100 { _ = try await publisher.publish(topic: "t", payload: [UInt8(number)]) }
                }
                var messages = client.messages.makeAsyncIterator()
                var payloads: [UInt8] = []
                while payloads.count < 100, let message = await messages.next() {
                    payloads += message.payload
                    message.ack()
                }
                #expect(payloads == (0..<100).map { UInt8($0) })
                let counters = client.status.counters
                #expect(counters.connections == 1)
                let warnings = log.all.filter { $0.contains("MQTT receive maximum exceeded by the server") }.count
                #expect(warnings == (counters.receiveMaximumExcess > 0 ? 1 : 0))
                #expect((counters.openHighWater > 3) == (counters.receiveMaximumExcess > 0))
            }
        }
    }

    /// 3.1.2-20: an idle connection stays open.
    @Test func anIdleConnectionIsKeptAlive() async throws {
        try await Mosquitto.with { broker in
            var configuration = broker.configuration(id: "idle")
            configuration.keepAlive = .seconds(2)
            try await withClient(configuration) { client in
                try await client.connected()
                // mosquitto closes such a connection after seven seconds of silence; six pings take nine.
                try await eventually("pinged") { client.status.counters.pingsSent >= 6 }
                #expect(client.status.counters.connections == 1)
                #expect(client.status.lastEnd == nil)
            }
        }
    }

    /// The broker publishes the will after a cut, and not after a normal end.
    @Test(arguments: ProtocolVersion.allCases)
    func theWillIsPublishedAtACutAndNotAtTheEnd(version: ProtocolVersion) async throws {
        try await Mosquitto.with { broker in
            try await withClient(broker.configuration(id: "watcher", filters: ["will/#"])) { watcher in
                try await watcher.connected()
                var messages = watcher.messages.makeAsyncIterator()
                var configuration = broker.configuration(version, id: "mortal")
                configuration.will = Will(topic: "will/first", payload: [1])
                try await withClient(configuration) { client in
                    try await client.connected()
                    client.cutConnection()
                    let will = await messages.next()
                    #expect(will?.topic == "will/first" && will?.payload == [1])
                    try await eventually("reconnected") { client.status.counters.connections == 2 }
                    try await client.connected()
                }
                _ = try await watcher.publish(topic: "will/none", payload: [])
                #expect(await messages.next()?.topic == "will/none")
            }
        }
    }

    @Test(arguments: ProtocolVersion.allCases)
    func credentialsAreCheckedAndARefusalIsReported(version: ProtocolVersion) async throws {
        let hashing = Process()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("mqtt-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        hashing.executableURL = URL(fileURLWithPath: "/usr/bin/mosquitto_passwd")
        hashing.arguments = ["-c", "-b", file.path, "desk", "right"]
        try hashing.run()
        hashing.waitUntilExit()
        let passwords = try String(contentsOf: file, encoding: .utf8)
        let acl = "user desk\ntopic readwrite mine/#\n"
        try await Mosquitto.with(
            ["allow_anonymous false", "password_file FOLDER/passwords", "acl_file FOLDER/acl"],
            files: ["passwords": passwords, "acl": acl]
        ) { broker in
            var configuration = broker.configuration(version, id: "desk", filters: ["mine/#"])
            configuration.credentials = Credentials(userName: "desk", password: "wrong")
            try await withClient(configuration) { client in
                try await eventually("refused") { client.status.lastEnd == .refused(.notAuthorized, reason: nil) }
                #expect(client.status.counters.connections == 0)
            }
            configuration.credentials = Credentials(userName: "desk", password: "right")
            try await withClient(configuration) { client in
                try await client.connected()
                #expect(try await client.publish(topic: "mine/a", payload: [1]) == .acknowledged(.success))
                let denied = try await client.publish(topic: "other/a", payload: [1])
                #expect(denied == (version == .v5 ? .refused(.notAuthorized, reason: nil) : .acknowledged(.success)))
            }
        }
    }
}
