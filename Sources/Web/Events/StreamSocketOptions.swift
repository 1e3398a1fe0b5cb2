// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Sets a stream's TCP options, so that the kernel neither buffers outdated frames nor keeps a reader that has
/// vanished.
enum StreamSocketOptions {
    /// How long sent bytes may stay unacknowledged. A tablet that is out of range doesn't close its connection, and
    /// beats are too small to fill a buffer in any useful time.
    static let acknowledgementTimeout = TimeAmount.seconds(15)
    /// How many unsent bytes the kernel may hold. Its default allows megabytes of outdated states.
    static let unsentLimit = 65_536

    /// Sets the options; a connection that isn't TCP ignores them.
    static func limit(_ channel: any Channel) {
        #if os(Linux)
            // TCP_USER_TIMEOUT and TCP_NOTSENT_LOWAT of linux/tcp.h, which Glibc's module doesn't show.
            let userTimeout = NIOBSDSocket.Option(rawValue: 18)
            let unsentLowWater = NIOBSDSocket.Option(rawValue: 25)
            let milliseconds = SocketOptionValue(acknowledgementTimeout.nanoseconds / 1_000_000)
            channel.setOption(.tcpOption(userTimeout), value: milliseconds).whenComplete { _ in }
            channel.setOption(.tcpOption(unsentLowWater), value: SocketOptionValue(unsentLimit)).whenComplete { _ in }
        #endif
    }
}
