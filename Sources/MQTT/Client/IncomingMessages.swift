// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The messages of one client, in order of arrival, across all its connections. The sequence ends after `run()` has
/// returned and the consumer has taken every message that arrived.
///
/// It has one consumer: two tasks that wait at once are a programming error. `ClientConfiguration.bufferLimit` and
/// `bufferBytes` bound the waiting messages; at the bound the client stops reading the socket and drops nothing. The
/// consumer must not wait for the PUBACK of a publish: none can arrive while the socket is unread.
package struct IncomingMessages: AsyncSequence, Sendable {
    package typealias Element = IncomingMessage
    package typealias Failure = Never

    let buffer: MessageBuffer

    package func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }

    package struct Iterator: AsyncIteratorProtocol {
        let buffer: MessageBuffer

        /// Returns the next message; nil if the client has ended or the task is cancelled.
        package mutating func next() async -> IncomingMessage? { await buffer.next() }

        package mutating func next(isolation actor: isolated (any Actor)?) async -> IncomingMessage? {
            await buffer.next()
        }
    }
}
