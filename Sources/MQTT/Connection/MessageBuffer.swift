// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import NIOConcurrencyHelpers

/// Holds the messages that wait for the one consumer. Bounded in messages and in bytes: the owner stops reading the
/// socket at either bound.
final class MessageBuffer: Sendable {
    private struct State {
        var messages: Deque<IncomingMessage> = []
        var waiter: CheckedContinuation<Void, Never>?
        /// The bytes of all waiting messages.
        var bytes = 0
        /// Set when a bound is reached, and cleared when the consumer has taken half.
        var isFull = false
        var isFinished = false
        var highWater = 0
    }

    private let state = NIOLockedValueBox(State())
    private let limit: Int
    private let byteLimit: Int
    /// The buffer calls this, on the consumer's thread, when it has room again after it was full.
    private let onRoom: @Sendable () -> Void

    init(limit: Int, byteLimit: Int, onRoom: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.byteLimit = byteLimit
        self.onRoom = onRoom
    }

    var isFull: Bool { state.withLockedValue { $0.isFull } }
    var highWater: Int { state.withLockedValue { $0.highWater } }

    /// Adds a message without waking the consumer, so that the consumer finds a whole batch; the caller then calls
    /// `wake()`. Returns true if the buffer is full.
    func append(_ message: IncomingMessage) -> Bool {
        state.withLockedValue { state in
            state.messages.append(message)
            state.bytes += message.weight
            state.highWater = max(state.highWater, state.messages.count)
            if state.messages.count >= limit || state.bytes >= byteLimit { state.isFull = true }
            return state.isFull
        }
    }

    func wake() {
        let waiter = state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
            guard !state.messages.isEmpty || state.isFinished else { return nil }
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Ends the sequence after the messages that wait.
    func finish() {
        state.withLockedValue { $0.isFinished = true }
        wake()
    }

    func next() async -> IncomingMessage? {
        await waitForMessages()
        guard !Task.isCancelled else { return nil }
        let (message, hasRoom) = state.withLockedValue { state in
            let message = state.messages.popFirst()
            state.bytes -= message?.weight ?? 0
            return (message, clearFullness(&state))
        }
        if hasRoom { onRoom() }
        return message
    }

    /// Takes every waiting message, because no consumer will.
    func takeAll() -> [IncomingMessage] {
        state.withLockedValue { state in
            defer { (state.messages, state.bytes) = ([], 0) }
            return Array(state.messages)
        }
    }

    private func clearFullness(_ state: inout State) -> Bool {
        guard state.isFull, state.messages.count <= limit / 2, state.bytes <= byteLimit / 2 else { return false }
        state.isFull = false
        return true
    }

    /// Returns if there is a message, if none can arrive, or if the task is cancelled.
    private func waitForMessages() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
                let mustWait = state.withLockedValue { state in
                    guard state.messages.isEmpty, !state.isFinished, !Task.isCancelled else { return false }
                    precondition(state.waiter == nil, "a client's messages have one consumer")
                    state.waiter = waiter
                    return true
                }
                if !mustWait { waiter.resume() }
            }
        } onCancel: {
            state.withLockedValue { $0.waiter.take() }?.resume()
        }
    }
}
