// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import NIOCore

/// Runs a `SessionMachine` on one event loop: bytes in, bytes out, timers. One connection at a time.
///
/// An actor whose executor is the event loop, so that the channel's callbacks and the application's calls see one
/// order. What is written during one turn of the loop leaves in one flush.
actor ConnectionDriver {
    nonisolated let eventLoop: any EventLoop
    nonisolated private let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let configuration: ClientConfiguration
    let transport: any Transport
    let board: StatusBoard
    let logger: Logger
    /// Set once, at the beginning: they call back into the driver.
    var buffer: MessageBuffer?
    var book: AcknowledgementBook?

    var machine: SessionMachine
    var actions: [SessionMachine.Action] = []
    var waiters: [SendQueue.Token: CheckedContinuation<PublishOutcome, any Error>] = [:]
    var nextToken: SendQueue.Token = 0
    /// `run()` was cancelled.
    var isStopping = false
    /// `run()` has ended.
    var hasEnded = false

    // One connection.
    /// All channels of the attempt: a host may have several addresses.
    var attempts: [any Channel] = []
    var channel: (any Channel)?
    /// Why it ends, once that is known: the first reason counts.
    var end: ConnectionEnd?
    var isClosing = false
    var isGone = true
    var endWaiter: CheckedContinuation<Void, Never>?
    var acceptedAt: NIODeadline?
    var serverKeepsSession: Bool?
    var decoder: PacketDecoder
    var outgoing = ByteBuffer()
    var handOvers: [SendQueue.Token] = []
    var isFlushScheduled = false
    var isReadingPaused = false
    var readingPauses = 0
    var bytesDropped = 0
    var keepAlive: KeepAlive?
    var keepAliveTimer: Scheduled<Void>?
    var answerTimer: Scheduled<Void>?
    var lingerTimer: Scheduled<Void>?

    init(
        _ configuration: ClientConfiguration, eventLoop: any EventLoop, transport: any Transport, board: StatusBoard,
        logger: Logger
    ) {
        self.configuration = configuration
        self.transport = transport
        self.eventLoop = eventLoop
        executor = eventLoop.executor
        self.board = board
        self.logger = logger
        machine = SessionMachine(configuration)
        decoder = PacketDecoder(version: configuration.version, from: .server)
    }

    /// Runs `body` on the event loop, from any thread, in the order of the calls.
    nonisolated func enqueue(_ body: @escaping @Sendable (isolated ConnectionDriver) -> Void) {
        eventLoop.execute { self.assumeIsolated(body) }
    }

    // MARK: Events

    func handle(_ event: SessionMachine.Event) {
        machine.handle(event, into: &actions)
        guard !actions.isEmpty else { return }
        var batch: [SessionMachine.Action] = []
        swap(&batch, &actions)
        for action in batch { perform(action) }
        batch.removeAll(keepingCapacity: true)
        swap(&batch, &actions)
    }

    func received(_ bytes: ByteBuffer) {
        guard !isClosing else { return receivedLate(bytes) }
        if acceptedAt == nil, !configuration.address.isSecured, decoder.bufferedByteCount == 0, bytes.isTLSAlert {
            return close(.tls(.plainToTLS))
        }
        decoder.append(bytes)
        decode()
    }

    func readCompleted() {
        buffer?.wake()
        // Before the bytes leave, so that a reader who sees their effect finds the matching status.
        publishStatus()
        flush()
    }

    /// Takes packets out of what has come in, as long as the application has room for messages.
    func decode() {
        while !isClosing, mayDecode {
            do throws(CodecError) {
                guard let packet = try decoder.next() else { break }
                handle(.received(packet))
            } catch {
                handle(.malformed(error))
            }
        }
        updateReading()
    }

    /// Acknowledgements of the application can leave, or it has taken messages.
    func applicationCaughtUp() {
        guard let book else { return }
        for id in book.release() { handle(.acknowledged(id)) }
        if isReadingPaused, !isGone {
            decode()
            buffer?.wake()
        }
        // Before the bytes leave, so that a reader who sees their effect finds the matching status.
        publishStatus()
        flush()
    }

    // MARK: Reading

    /// Nothing but messages is held back: before CONNACK everything is read.
    private var mayDecode: Bool {
        guard case .connected = machine.phase else { return true }
        return !(buffer?.isFull ?? false) && machine.openCount < openLimit
    }

    /// At so many open messages the socket is left unread.
    private var openLimit: Int {
        switch configuration.receiveMaximumPolicy {
        case .tolerate(let limit): limit
        case .strict: .max
        }
    }

    func updateReading() {
        let mustPause = !isClosing && !mayDecode
        guard mustPause != isReadingPaused else { return }
        isReadingPaused = mustPause
        if mustPause { readingPauses += 1 }
        keepAlive?.setReading(!mustPause, at: eventLoop.now)
        scheduleKeepAlive()
        setAutoRead(!mustPause)
    }

    func setAutoRead(_ isOn: Bool) {
        guard let channel, channel.isActive else { return }
        do {
            if let options = channel.syncOptions {
                try options.setOption(.autoRead, value: isOn)
            }
        } catch {
            transportFailed(error)
            channel.close(promise: nil)
        }
    }

    // MARK: Status

    func publishStatus() {
        var counters = machine.counters
        counters.readingPauses = readingPauses
        counters.bufferHighWater = buffer?.highWater ?? 0
        counters.bytesDropped = bytesDropped
        board.update { status in
            status.counters = counters
            status.isReadingPaused = isReadingPaused
        }
    }
}
