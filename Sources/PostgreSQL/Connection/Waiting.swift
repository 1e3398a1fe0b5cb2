// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Lets another thread end a wait.
final class Wake: Sendable {
    private let reading: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // If no descriptor is left, a wait ends only by its deadline.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        _ = socketpair(AF_UNIX, kind, 0, &ends)
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Wakes the thread that waits now, or the next one that will wait.
    func signal() {
        var byte: UInt8 = 1
        // If the buffer is full, the waiting thread wakes anyway.
        _ = write(writing, &byte, 1)
    }

    /// Waits until `signal()` is called, `descriptor` is ready for `events`, or the deadline passes. Returns whether
    /// `descriptor` is ready.
    func wait(for descriptor: Int32 = -1, _ events: Int32 = Int32(POLLIN), until deadline: Deadline) -> Bool {
        let isReady = poll(descriptor: descriptor, events, wake: reading, until: deadline)
        var bytes: [UInt8] = Array(repeating: 0, count: 64)
        while read(reading, &bytes, bytes.count) > 0 {}
        return isReady
    }
}

/// A moment on a monotonic clock that also runs while the machine sleeps.
typealias Deadline = ContinuousClock.Instant

/// Waits until `descriptor` is ready for `events`, `wake` is readable, or the deadline passes. Returns whether
/// `descriptor` is ready; a failed one counts as ready, and using it then reports the error.
func poll(descriptor: Int32, _ events: Int32, wake: Int32 = -1, until deadline: Deadline) -> Bool {
    while true {
        let rest = max(0, ContinuousClock.now.duration(to: deadline).milliseconds + 1)
        var waited = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&waited, nfds_t(waited.count), Int32(min(rest, 60_000)))
        if count < 0, errno == EINTR { continue }
        if count > 0 { return waited[0].revents != 0 }
        if count < 0 || ContinuousClock.now >= deadline { return false }
    }
}
