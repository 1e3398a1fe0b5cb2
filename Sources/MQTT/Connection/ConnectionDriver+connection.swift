// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// How one connection, or the attempt at one, went.
struct ConnectionReport: Sendable {
    let end: ConnectionEnd
    /// From CONNACK to the end; nil if the server never accepted.
    let lifetime: Duration?
    /// What CONNACK said of it; nil if there was none.
    let serverKeepsSession: Bool?
}

extension ConnectionDriver {
    /// Makes one connection and returns when it is gone. `requestStop()` ends it.
    func connectAndServe() async -> ConnectionReport {
        beginConnection()
        if !isStopping {
            do {
                let channel = try await connect()
                // The driver may have been stopped while the transport was being made.
                if isStopping, self.channel == nil { channel.close(promise: nil) }
                if !isGone, self.channel != nil { await withCheckedContinuation { endWaiter = $0 } }
            } catch {
                if end == nil { end = isStopping ? .stopped : ConnectionEnd(noTransport: error) }
                isGone = true
                machine.counters.failedAttempts += 1
                publishStatus()
            }
        }
        attempts = []
        let lifetime = acceptedAt.map { Duration(eventLoop.now - $0) }
        return ConnectionReport(
            end: end ?? (isStopping ? .stopped : .closedByServer), lifetime: lifetime,
            serverKeepsSession: serverKeepsSession)
    }

    private func beginConnection() {
        end = nil
        isClosing = false
        isGone = false
        acceptedAt = nil
        serverKeepsSession = nil
        isReadingPaused = false
        attempts = []
        outgoing = ByteBuffer()
        decoder = PacketDecoder(
            version: configuration.version, from: .server, maximumPacketSize: configuration.maximumPacketSize,
            configuration.unreadableMessages)
    }

    private func connect() async throws -> any Channel {
        try await transport.connect(
            to: configuration.address, on: eventLoop, within: TimeAmount(configuration.connectTimeout)
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try self.assumeIsolated { driver in
                    // Stopped before there was a channel to close.
                    guard !driver.isStopping else { throw CancellationError() }
                    driver.attempts.append(channel)
                }
                try channel.pipeline.syncOperations.addHandler(ConnectionHandler(driver: self))
            }
        }
    }

    // MARK: The channel's events

    /// False if the channel isn't wanted: another one was faster, or the client is stopping.
    func transportOpened(_ channel: any Channel) -> Bool {
        guard !isStopping, !isGone, self.channel == nil else { return false }
        self.channel = channel
        handle(.transportOpened)
        startAnswerTimer(.connack)
        flush()
        return true
    }

    func transportFailed(_ error: any Error) {
        if end == nil { end = ConnectionEnd(error, at: configuration.address, isAnswered: acceptedAt != nil) }
    }

    func transportClosed() {
        guard !isGone else { return }
        isGone = true
        isClosing = true
        if end == nil {
            end =
                isStopping ? .stopped : ConnectionEnd(closedAt: configuration.address, isAnswered: acceptedAt != nil)
        }
        cancelTimers()
        lingerTimer?.cancel()
        lingerTimer = nil
        takeRest()
        bytesDropped += decoder.bufferedByteCount
        book?.forgetAll()
        channel = nil
        outgoing = ByteBuffer()
        for token in handOvers {
            handle(.handedOver)
            finish(token, .failure(.connectionLost))
        }
        handOvers = []
        handle(.transportClosed)
        isReadingPaused = false
        buffer?.wake()
        publishStatus()
        endWaiter.take()?.resume()
    }

    // MARK: Ending

    /// Sends what is due, then says goodbye to the transport. If a DISCONNECT leaves, only our half is closed at
    /// first: a full close with bytes unread would reset the connection, and the server might never see the DISCONNECT.
    func close(_ end: ConnectionEnd) {
        if self.end == nil { self.end = end }
        guard !isClosing, let channel else { return }
        flush()
        isClosing = true
        cancelTimers()
        board.update { $0.isReadingPaused = false }
        setAutoRead(true)
        channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
        lingerTimer = eventLoop.scheduleTask(in: Self.lingerTimeout) { channel.close(promise: nil) }
    }

    private static var lingerTimeout: TimeAmount { .seconds(1) }

    /// A fault: the transport ends, without a word.
    nonisolated func cut() {
        enqueue { driver in
            guard !driver.isGone, let channel = driver.channel else { return }
            if driver.end == nil { driver.end = .cut }
            driver.isClosing = true
            channel.close(promise: nil)
        }
    }

    /// A normal end: what the application has acknowledged, then DISCONNECT.
    nonisolated func requestStop() {
        enqueue { driver in
            driver.isStopping = true
            guard !driver.isGone, let channel = driver.channel else {
                for attempt in driver.attempts { attempt.close(promise: nil) }
                return
            }
            guard case .connected = driver.machine.phase else {
                driver.isClosing = true
                channel.close(promise: nil)
                return
            }
            // What the application has acknowledged by now still counts.
            for id in driver.book?.release() ?? [] { driver.handle(.acknowledged(id)) }
            driver.handle(.stop)
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

extension Duration {
    init(_ amount: TimeAmount) {
        self = .nanoseconds(amount.nanoseconds)
    }
}
