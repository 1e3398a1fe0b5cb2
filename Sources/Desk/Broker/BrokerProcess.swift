// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Synchronization

/// A mosquitto of our own: started as a child that dies with this process, or adopted if one runs already.
///
/// The child is started and awaited on a thread of its own: Linux ties a parent-death signal to the *thread* that
/// started the child, so it must not be one that comes and goes.
final class BrokerProcess: Sendable {
    let pid: pid_t
    private let exit: AsyncStream<Int32>
    private let end: End

    /// Noted by the thread that awaits the child.
    private final class End: Sendable {
        let isReached = Atomic(false)
    }

    private init(pid: pid_t, exit: AsyncStream<Int32>, end: End) {
        self.pid = pid
        self.exit = exit
        self.end = end
    }

    var hasEnded: Bool { end.isReached.load(ordering: .acquiring) }

    /// Whether it takes a SIGHUP, as Linux tells of it. Mosquitto listens a moment before that, and one would end it
    /// then.
    var canBeTold: Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let caught = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
            let mask = UInt64(caught.dropFirst("SigCgt:".count).drop { $0 == "\t" }, radix: 16)
        else { return false }
        return mask & 1 << (SIGHUP - 1) != 0
    }

    /// Starts mosquitto with a configuration file. `setpriv` asks the kernel to end it when this process ends, however.
    static func start(configuration: String, log: String) async throws -> BrokerProcess {
        let setpriv = try Executable.find("setpriv", package: "util-linux")
        let mosquitto = try Executable.find("mosquitto", package: "mosquitto")
        let arguments = [setpriv.path, "--pdeathsig", "TERM", "--", mosquitto.path, "-c", configuration]
        let (exit, exitContinuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        let end = End()
        let pid: pid_t = try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                do {
                    let pid = try spawn(arguments, log: log)
                    continuation.resume(returning: pid)
                    var status: Int32 = 0
                    while waitpid(pid, &status, 0) == -1, errno == EINTR {}
                    end.isReached.store(true, ordering: .releasing)
                    exitContinuation.yield(status)
                } catch {
                    continuation.resume(throwing: error)
                }
                exitContinuation.finish()
            }
            thread.name = "mosquitto"
            thread.start()
        }
        return BrokerProcess(pid: pid, exit: exit, end: end)
    }

    /// Waits for the child's end and returns its status; nil if the waiting was cancelled.
    func ended() async -> Int32? {
        for await status in exit { return status }
        return nil
    }

    /// Asks mosquitto to save its queue and end.
    func stop() {
        kill(pid, SIGTERM)
    }

    private static func spawn(_ arguments: [String], log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // A Ctrl-C in the terminal goes to the server alone, which then ends the broker after itself. Signals blocked
        // or ignored here must not be so in the child.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, arguments[0], &actions, &attributes, pointers, environ)
        guard result == 0 else {
            throw BrokerError.didNotStart(listening: [], log: String(cString: strerror(result)))
        }
        return pid
    }
}
