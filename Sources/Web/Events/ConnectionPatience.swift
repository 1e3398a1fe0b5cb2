// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// What the kernel is told of a stream's connection, so that it neither hoards old frames nor keeps a reader that vanished.
enum ConnectionPatience {
    /// How long sent bytes may stay unacknowledged: a tablet out of range sends no goodbye, and beats are too small to fill a
    /// buffer in any useful time.
    static let vanished = TimeAmount.seconds(15)
    /// How much the kernel may hold unsent, which else grows to megabytes of states that are no longer true.
    static let unsent = 65_536

    /// Best effort: a connection of another kind than TCP does without.
    static func limit(_ channel: any Channel) {
        #if os(Linux)
            // TCP_USER_TIMEOUT and TCP_NOTSENT_LOWAT of linux/tcp.h, which Glibc's module doesn't show.
            let userTimeout = NIOBSDSocket.Option(rawValue: 18)
            let unsentLowWater = NIOBSDSocket.Option(rawValue: 25)
            let milliseconds = SocketOptionValue(vanished.nanoseconds / 1_000_000)
            channel.setOption(.tcpOption(userTimeout), value: milliseconds).whenComplete { _ in }
            channel.setOption(.tcpOption(unsentLowWater), value: SocketOptionValue(unsent)).whenComplete { _ in }
        #endif
    }
}
