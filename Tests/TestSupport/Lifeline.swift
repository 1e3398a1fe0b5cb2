// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Synchronization

/// A shell script that goes on until its input ends: when it is cut, or this process ends, however that happens.
final class Lifeline: Sendable {
    /// The end that this process alone has; -1 once it is cut.
    private let end: Mutex<Int32>

    /// Runs `script`, with its output at the end of the file `log`.
    init(script: String, log: String) throws {
        var ends: [Int32] = [-1, -1]
        // Sockets, since they can be closed to children from their first moment.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ChildProcessError(description: "no socket: \(String(cString: strerror(errno)))")
        }
        end = Mutex(ends[1])
        defer { close(ends[0]) }
        do {
            let pid = try ChildProcess.start(["/bin/sh", "-c", script], input: ends[0], output: log)
            // Awaited, so that it leaves no zombie.
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(pid, &status, 0) == -1, errno == EINTR {}
            }
        } catch {
            close(ends[1])
            throw error
        }
    }

    /// A line for the script to read.
    func tell(_ word: String) {
        let line = Array("\(word)\n".utf8)
        end.withLock { end in
            if end >= 0 { _ = write(end, line, line.count) }
        }
    }

    func cut() {
        end.withLock { end in
            if end >= 0 { close(end) }
            end = -1
        }
    }

    deinit {
        cut()
    }
}
