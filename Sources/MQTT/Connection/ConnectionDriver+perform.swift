// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import NIOCore

extension ConnectionDriver {
    func perform(_ action: SessionMachine.Action) {
        guard !isClosing else {
            // Nothing leaves any more, but no caller may be left waiting.
            if case .finish(let token, let result) = action { finish(token, result) }
            if case .handOver(let token) = action {
                handle(.handedOver)
                finish(token, .failure(.connectionLost))
            }
            return
        }
        switch action {
        case .send(let packet): write(packet)
        case .deliver(let publish): deliver(publish)
        case .accepted(let limits, _): accepted(limits)
        case .subscribing: startAnswerTimer(.suback)
        case .ready(let sessionResumed): ready(sessionResumed: sessionResumed)
        case .handOver(let token): handOvers.append(token)
        case .finish(let token, let result): finish(token, result)
        case .pingAnswered:
            if keepAlive?.answered() != true { machine.counters.unexpectedPackets += 1 }
        case .note(let note): log(note)
        case .close(let end): close(end)
        }
    }

    private func deliver(_ publish: Publish) {
        guard let buffer, let book else { return }
        let route: AcknowledgementRoute =
            publish.delivery.packetID.map { .book(book, book.open($0)) } ?? .none
        _ = buffer.append(IncomingMessage(publish, connection: machine.counters.connections, route))
    }

    private func accepted(_ limits: ServerLimits) {
        answerTimer?.cancel()
        let now = eventLoop.now
        acceptedAt = now
        serverKeepsSession = limits.keepsSession
        keepAlive = KeepAlive(
            seconds: limits.keepAlive, responseTimeout: TimeAmount(configuration.pingTimeout), now: now)
        scheduleKeepAlive()
    }

    private func ready(sessionResumed: Bool) {
        answerTimer?.cancel()
        board.update { $0.refusedSubscriptions = [] }
        publishStatus()
        logger.info(
            "MQTT connected", metadata: ["resumed": "\(sessionResumed)", "version": "\(configuration.version)"])
        board.enter(.connected(sessionResumed: sessionResumed))
    }

    func finish(_ token: SendQueue.Token, _ result: Result<PublishOutcome, PublishError>) {
        waiters.removeValue(forKey: token)?.resume(with: result.mapError { $0 as any Error })
    }

    private func log(_ note: SessionMachine.Note) {
        switch note {
        case .sessionLost(let count):
            logger.warning("MQTT session lost by the server", metadata: ["in-flight": "\(count)"])
        case .receiveMaximumExceeded(let open, let maximum):
            logger.warning(
                "MQTT receive maximum exceeded by the server",
                metadata: ["open": "\(open)", "receive-maximum": "\(maximum)"])
        case .subscriptionRefused(let refusal):
            board.update { status in
                status.refusedSubscriptions.removeAll { $0.filter == refusal.filter }
                status.refusedSubscriptions.append(refusal)
            }
            logger.error(
                "MQTT subscription refused",
                metadata: ["filter": "\(refusal.filter)", "reason": "\(refusal.reasonCode)"])
        case .subscriptionAtLowerQoS(let filter, let granted):
            logger.warning(
                "MQTT subscription granted at a lower QoS",
                metadata: ["filter": "\(filter)", "qos": "\(granted.rawValue)"])
        case .unreadable(let fault):
            logger.warning(
                "MQTT message breaks a rule that the server should have held its sender to",
                metadata: ["rule": "\(fault?.rule ?? "a property's value")"])
        case .unexpected(let type):
            logger.debug("MQTT packet answers to nothing", metadata: ["type": "\(type)"])
        }
    }

    // MARK: Writing

    private func write(_ packet: Packet) {
        do throws(CodecError) {
            try machine.encoder.encode(packet, into: &outgoing)
            scheduleFlush()
        } catch {
            logger.error("MQTT packet can't be encoded", metadata: ["type": "\(packet.type)", "rule": "\(error.rule)"])
            close(.protocolError(error))
        }
    }

    /// At the end of this turn of the loop, unless something flushes sooner.
    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        enqueue { driver in
            driver.isFlushScheduled = false
            driver.flush()
        }
    }

    func flush() {
        guard outgoing.readableBytes > 0, let channel else { return }
        let bytes = outgoing
        outgoing = channel.allocator.buffer(capacity: 256)
        keepAlive?.sent(at: eventLoop.now)
        guard !handOvers.isEmpty else {
            channel.writeAndFlush(bytes, promise: nil)
            return
        }
        let tokens = handOvers
        handOvers = []
        channel.writeAndFlush(bytes).whenComplete { result in
            let outcome: Result<PublishOutcome, PublishError> =
                switch result {
                case .success: .success(.handedOver)
                case .failure: .failure(.connectionLost)
                }
            self.assumeIsolated { driver in
                for token in tokens {
                    driver.handle(.handedOver)
                    driver.finish(token, outcome)
                }
            }
        }
    }
}
