// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Randomness
import Testing

@testable import MQTT

/// Runs the session machine and the ledger against a model of a server, with seeded randomness.
@Suite("Session machine, model")
struct SessionModelTests {
    /// The knowledge of a server and an application; every rule is checked at each step.
    struct Model {
        var generator: SeededGenerator
        var bench: MachineBench
        var ledger = AckLedger()
        let version: ProtocolVersion

        var isConnected = false
        var receiveMaximum = 65_535
        /// The messages that the server has not acknowledged, with the token's number as topic.
        var onWire: [(id: PacketID, topic: String)] = []
        /// The session's messages that were sent and not acknowledged, in order of first sending.
        var unacknowledged: [(id: PacketID, topic: String)] = []
        var finished: [SendQueue.Token: PublishOutcome] = [:]
        var published: [SendQueue.Token] = []
        var acknowledged: Set<String> = []
        /// The messages that arrived on this connection, in order; then those that were answered, in order.
        var arrived: [(id: PacketID, ticket: AckLedger.Ticket)] = []
        var answered: [PacketID] = []
        var staleTickets: [AckLedger.Ticket] = []
        var nextInbound: UInt16 = 1
        var problems: [String] = []

        init(seed: UInt64, version: ProtocolVersion) {
            generator = SeededGenerator(seed: seed)
            self.version = version
            bench = MachineBench(.forTests(version, persistent: true))
        }

        mutating func check(_ condition: Bool, _ text: String) {
            if !condition { problems.append(text) }
        }

        mutating func run(steps: Int) {
            for _ in 0..<steps { step() }
            // At the end the client is connected, and every message is acknowledged.
            if !isConnected { connect(sessionPresent: true) }
            while !onWire.isEmpty { acknowledgeOne() }
            check(bench.machine.queue.count == 0, "something is left")
            check(Set(finished.keys) == Set(published), "not every message has one outcome")
            check(bench.machine.ids.count == 0, "an identifier is left taken")
        }

        mutating func step() {
            switch generator.below(100) {
            case 0..<30: publish()
            case 30..<50: if !onWire.isEmpty { acknowledgeOne() }
            case 50..<75: if isConnected { arrive() }
            case 75..<90: applicationAcknowledges()
            case 90..<95: if isConnected { disconnect() }
            default: if !isConnected { connect(sessionPresent: generator.chance(70)) }
            }
        }

        mutating func publish() {
            let (token, actions) = bench.publish("t\(bench.nextToken)")
            published.append(token)
            apply(actions, isResume: false)
        }

        mutating func connect(sessionPresent: Bool) {
            let isPresent = sessionPresent && bench.machine.hasSession
            receiveMaximum = version == .v5 ? 1 + generator.below(5) : 65_535
            isConnected = true
            let properties: Properties = version == .v5 ? [.receiveMaximum(UInt16(receiveMaximum))] : []
            let lost = unacknowledged
            if !isPresent { unacknowledged = [] }
            let actions = bench.connect(sessionPresent: isPresent, properties)
            if isPresent {
                let duplicates = actions.publishes.filter(\.delivery.isDuplicate).map(\.topic)
                check(duplicates == Array(lost.map(\.topic).prefix(receiveMaximum)), "resent out of order")
            } else {
                let reported = actions.outcomes.filter { $0.value == .success(.sessionLost) }.keys.sorted()
                check(reported.map { "t\($0)" } == lost.map(\.topic).sorted(by: Self.byNumber), "lost differs")
            }
            apply(actions, isResume: isPresent)
        }

        static func byNumber(_ left: String, _ right: String) -> Bool {
            (Int(left.dropFirst()) ?? 0) < (Int(right.dropFirst()) ?? 0)
        }

        mutating func disconnect() {
            isConnected = false
            onWire = []
            bench.close()
            staleTickets += arrived.suffix(3).map(\.ticket)
            arrived = []
            answered = []
            ledger.forgetAll()
        }

        mutating func acknowledgeOne() {
            let (id, topic) = onWire.remove(at: generator.below(onWire.count))
            unacknowledged.removeAll { $0.id == id }
            acknowledged.insert(topic)
            apply(bench.receive(.puback(Acknowledgement(packetID: id))), isResume: false)
        }

        mutating func arrive() {
            let id = PacketID.of(nextInbound)
            nextInbound = nextInbound % 60_000 + 1
            for publish in bench.receive(.publish(.acknowledged("in", id.rawValue))).delivered {
                guard let id = publish.delivery.packetID else { continue }
                arrived.append((id, ledger.open(id)))
            }
        }

        mutating func applicationAcknowledges() {
            let stale = staleTickets.randomElement(using: &generator)
            let ticket = generator.chance(20) ? stale : arrived.randomElement(using: &generator)?.ticket
            guard let ticket, ledger.acknowledge(ticket) else { return }
            for id in ledger.release() {
                for case .puback(let ack) in bench.handle(.acknowledged(id)).packets { answered.append(ack.packetID) }
            }
            check(answered == arrived.prefix(answered.count).map(\.id), "answers out of order")
        }

        mutating func apply(_ actions: [SessionMachine.Action], isResume: Bool) {
            var hasSentNew = false
            for action in actions {
                switch action {
                case .send(.publish(let publish)):
                    guard let id = publish.delivery.packetID else { continue }
                    check(isConnected, "sent without a connection")
                    check(!onWire.contains { $0.id == id }, "an identifier is in use twice")
                    let isKnown = unacknowledged.contains { $0.id == id && $0.topic == publish.topic }
                    check(publish.delivery.isDuplicate == isKnown, "DUP is wrong")
                    check(!acknowledged.contains(publish.topic), "resent after its PUBACK")
                    check(!(isKnown && hasSentNew), "a resend after something new")
                    if !isKnown {
                        hasSentNew = true
                        check(!unacknowledged.contains { $0.id == id }, "a resumable identifier is taken")
                        unacknowledged.append((id, publish.topic))
                    }
                    onWire.append((id, publish.topic))
                    check(onWire.count <= receiveMaximum, "the quota is exceeded")
                case .finish(let token, .success(let outcome)):
                    check(finished[token] == nil, "finished twice")
                    finished[token] = outcome
                case .finish(_, .failure(let error)): check(false, "failed: \(error)")
                case .close(let end): check(false, "closed: \(end)")
                case .send, .deliver, .accepted, .subscribing, .ready, .handOver, .pingAnswered, .note: continue
                }
            }
        }
    }

    @Test(arguments: Array(1...60) as [UInt64], ProtocolVersion.allCases)
    func everyRuleHoldsThroughRandomLives(seed: UInt64, version: ProtocolVersion) {
        var model = Model(seed: seed, version: version)
        model.run(steps: 600)
        #expect(model.problems.isEmpty, "seed \(seed): \(model.problems.prefix(3))")
        #expect(model.published.count > 100 && model.finished.values.contains(.sessionLost))
    }
}
