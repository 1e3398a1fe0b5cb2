// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a client takes from outside: event loops, transport, the clock for back-off, randomness and the time of day.
/// With an event loop and a transport of its own, a client runs in memory under a clock that a test moves.
package struct ClientEnvironment: Sendable {
    /// The client uses one event loop of this group for all its connections. Deadlines and keep-alive use that loop's
    /// time.
    package var group: any EventLoopGroup
    package var transport: any Transport
    /// The client sleeps on this clock between attempts. Deadlines of connections use the event loop's time.
    package var clock: any Clock<Duration>
    /// Returns a random number from 0 up to, but not including, 1.
    package var randomUnit: @Sendable () -> Double
    /// Returns the time in milliseconds of UTC.
    package var now: @Sendable () -> Int64

    /// Uses the process's event loops, sockets, the continuous clock and the system's randomness by default.
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
