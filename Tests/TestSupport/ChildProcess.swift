// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Starts programs for tests. Foundation's `Process` waits for the end of pipes that a daemon such as PostgreSQL may
/// have inherited; these programs write to files instead, and inherit nothing.
enum ChildProcess {
    /// Runs a program to its end on a thread that may block, and returns its output. Throws if the program failed.
    static func run(_ words: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runAndWait(words) })
            }
        }
    }

    private static func runAndWait(_ words: [String]) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "ce-out-\(UUID().uuidString)").path
        defer { unlink(file) }
        let pid = try start(words, input: nil, output: file)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        let text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
        guard status == 0 else {
            throw ChildProcessError(description: "\(words.joined(separator: " ")): status \(status): \(text)")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts a program in its own session, so that no signal to this process's group ends it.
    static func start(_ words: [String], input: Int32?, output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | newSession)
        // Bash closes the descriptors: other shells can't close one with more than one digit.
        let closing = #"for fd in /proc/$$/fd/*; do fd=${fd##*/}; ((fd > 2)) && eval "exec $fd>&-"; done; exec "$@""#
        let all: [String] = ["/bin/bash", "-c", closing, "bash"] + words
        let arguments: [UnsafeMutablePointer<CChar>?] = all.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, "/bin/bash", &actions, &attributes, arguments, environ)
        guard result == 0 else {
            throw ChildProcessError(description: "\(words[0]) did not start: \(String(cString: strerror(result)))")
        }
        return pid
    }

    /// The value of POSIX_SPAWN_SETSID in glibc's spawn.h, which Swift doesn't import.
    private static let newSession: Int16 = 0x80
}

/// Reports that a program needed by a test has failed.
package struct ChildProcessError: Error, CustomStringConvertible {
    package let description: String
}
