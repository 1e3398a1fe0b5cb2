// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Programs that Debian's packages bring.
enum Executable {
    static func find(_ name: String, package: String) throws -> URL {
        for folder in ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"] {
            let path = "\(folder)/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return URL(filePath: path) }
        }
        throw BrokerError.programMissing(name, package: package)
    }

    /// Runs a program to its end, without input and output, and returns its status; nil if it could not be started.
    /// Blocks.
    ///
    /// Foundation's `Process` waits for the end of a pipe as well, which a broker that this process starts meanwhile
    /// inherits and keeps open for as long as it runs.
    static func run(_ program: URL, _ arguments: [String]) -> Int32? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
        let words: [UnsafeMutablePointer<CChar>?] = ([program.path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, program.path, &actions, nil, words, environ) == 0 else { return nil }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1 {
            guard errno == EINTR else { return nil }
        }
        return status
    }
}
