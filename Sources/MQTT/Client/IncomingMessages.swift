// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The messages of one client, in order of arrival, across all its connections. It ends when `run()` has returned and
/// everything that had arrived was taken.
///
/// One consumer: two tasks waiting at once are a programmer's error. What waits is bounded by
/// `ClientConfiguration.bufferLimit` and `bufferBytes`; at the bound the socket is left unread, so nothing is dropped.
/// The consumer must not wait for the PUBACK of a publish: none can arrive while the socket is unread.
package struct IncomingMessages: AsyncSequence, Sendable {
    package typealias Element = IncomingMessage
    package typealias Failure = Never

    let buffer: MessageBuffer

    package func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }

    package struct Iterator: AsyncIteratorProtocol {
        let buffer: MessageBuffer

        /// The next message; nil when the client has ended or the task is cancelled.
        package mutating func next() async -> IncomingMessage? { await buffer.next() }

        package mutating func next(isolation actor: isolated (any Actor)?) async -> IncomingMessage? {
            await buffer.next()
        }
    }
}
