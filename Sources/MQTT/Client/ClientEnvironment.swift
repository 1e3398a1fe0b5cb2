// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a client takes from outside: event loops, the wait before a new attempt, its randomness, and the time it notes.
package struct ClientEnvironment: Sendable {
    /// The client uses one of its loops, for all its connections.
    var group: any EventLoopGroup
    /// The back-off sleeps on it. Deadlines of sockets are the event loop's.
    package var clock: any Clock<Duration>
    /// From 0 up to, not including, 1.
    package var randomUnit: @Sendable () -> Double
    /// UTC in milliseconds.
    package var now: @Sendable () -> Int64

    /// The process's event loops, the continuous clock and the system's randomness, unless given.
    package init(
        clock: any Clock<Duration> = ContinuousClock(),
        randomUnit: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        now: @escaping @Sendable () -> Int64 = Self.wallClock
    ) {
        group = MultiThreadedEventLoopGroup.singleton
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
