// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a client takes from outside: event loops, transport, the wait before a new attempt, its randomness, and the
/// time it notes. With an event loop and a transport of its own a client lives in memory, under a clock that a test
/// moves.
package struct ClientEnvironment: Sendable {
    /// The client uses one of its loops, for all its connections. Its time is the one that deadlines and keep-alive go
    /// by.
    package var group: any EventLoopGroup
    package var transport: any Transport
    /// The back-off sleeps on it. Deadlines of connections are the event loop's.
    package var clock: any Clock<Duration>
    /// From 0 up to, not including, 1.
    package var randomUnit: @Sendable () -> Double
    /// UTC in milliseconds.
    package var now: @Sendable () -> Int64

    /// The process's event loops, sockets, the continuous clock and the system's randomness, unless given.
    package init(
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        transport: any Transport = SocketTransport(),
        clock: any Clock<Duration> = ContinuousClock(),
        randomUnit: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        now: @escaping @Sendable () -> Int64 = Self.wallClock
    ) {
        self.group = group
        self.transport = transport
        self.clock = clock
        self.randomUnit = randomUnit
        self.now = now
    }

    @Sendable
    package static func wallClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
