// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Synchronization

/// Runs a shell script until its input ends: when `cut()` is called, or when this process ends for any reason.
final class Lifeline: Sendable {
    /// The end of the connection that only this process holds; -1 after it is cut.
    private let end: Mutex<Int32>

    /// Runs `script`, and appends its output to the file `log`.
    init(script: String, log: String) throws {
        var ends: [Int32] = [-1, -1]
        // Sockets can be closed to child processes from the moment they are made.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ChildProcessError(description: "no socket: \(String(cString: strerror(errno)))")
        }
        end = Mutex(ends[1])
        defer { close(ends[0]) }
        do {
            let pid = try ChildProcess.start(["/bin/sh", "-c", script], input: ends[0], output: log)
            // The thread waits for the process, so that it leaves no zombie.
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(pid, &status, 0) == -1, errno == EINTR {}
            }
        } catch {
            close(ends[1])
            throw error
        }
    }

    /// Sends a line to the script.
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
