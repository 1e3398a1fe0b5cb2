// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Foundation
package import PostgreSQL
import Synchronization

/// A PostgreSQL server for tests, in a temporary folder, on a Unix socket and a loopback port. Every user of this
/// machine may connect as `consultease` without a password.
///
/// The server ends with the test process, for whatever reason that ends. A shell between them waits for the end of its
/// input, which only this process holds open, and then removes the folder.
package struct PostgresServer: Sendable {
    /// The folder of the data, the socket and `log`.
    package let folder: URL
    package let port: Int
    /// Ends the server when it is cut.
    private let lifeline: Lifeline
    /// Empty databases that tests have given back: making a new one takes longer than most tests.
    private let idle = IdleDatabases()

    private static let programs = "/usr/lib/postgresql/15/bin"

    /// Whether Debian's package `postgresql-15` is installed; suites that need it are disabled without it.
    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: "\(programs)/postgres") }

    /// The shared server of the test process. A test that affects all connections of a server needs its own.
    package static func shared() async throws -> PostgresServer { try await sharedServer.value }

    private static let sharedServer = Task { try await start() }

    /// Starts another server. `settings` are lines of `postgresql.conf`; `prepare` puts files into the folder first.
    package static func start(
        settings: [String] = [], prepare: @Sendable (_ folder: URL) throws -> Void = { _ in }
    ) async throws -> PostgresServer {
        let folder = URL(filePath: "\(place)/ce-pg-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let lifeline = try Lifeline(script: script(folder: folder.path), log: "\(folder.path)/log")
        let port = try freePort()
        let lines =
            [
                "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(folder.path)'",
                "max_connections = 800", "fsync = off", "shared_buffers = 32MB", "log_line_prefix = '%m [%p] '",
                // Autovacuum workers would connect to databases, and tests count the connections.
                "autovacuum = off",
            ] + settings
        try (lines.joined(separator: "\n") + "\n").write(
            to: folder.appending(path: "settings"), atomically: false, encoding: .utf8)
        try prepare(folder)
        let server = PostgresServer(folder: folder, port: port, lifeline: lifeline)
        try await server.resume()
        return server
    }

    /// The place of the servers' folders: in memory if it has room, since tests make and drop tables by the thousand.
    private static let place: String = {
        var facts = statvfs()
        let hasRoom = statvfs("/dev/shm", &facts) == 0 && UInt64(facts.f_bavail) * UInt64(facts.f_frsize) > 2 << 30
        return hasRoom && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    }()

    /// Ends the server at once and removes its folder.
    package func stop() { lifeline.cut() }

    /// Ends all connections until `resume()`; with `crash` the server doesn't write its data to the disk first.
    package func halt(crash: Bool = false) async throws {
        let data = folder.appending(path: "data").path
        try await Self.run(asOwner: "pg_ctl", ["stop", "-s", "-w", "-m", crash ? "immediate" : "fast", "-D", data])
    }

    /// Starts a halted server again.
    package func resume() async throws {
        lifeline.tell("start")
        try await ready()
    }

    package func restart(crash: Bool = false) async throws {
        try await halt(crash: crash)
        try await resume()
    }

    // MARK: Databases

    /// Returns the URL of a database, over TCP or over the Unix socket.
    package func url(
        _ database: String, port: Int? = nil, socket: Bool = false, role: String = "consultease"
    ) -> String {
        socket
            ? "postgres://\(role)@/\(database)?host=\(folder.path)&port=\(self.port)"
            : "postgres://\(role)@127.0.0.1:\(port ?? self.port)/\(database)"
    }

    /// Makes an empty database and returns its URL. See `name(in:)`.
    package func newDatabase() async throws -> String {
        let name = "test_\(UUID().uuidString.prefix(8).lowercased())"
        _ = try await psql("CREATE DATABASE \(name) TEMPLATE template0", database: "postgres")
        return url(name)
    }

    /// Runs `body` with the URL of an empty database, which is new or was emptied after an earlier test. If `body`
    /// changes more than the schema `public`, such as the database's own settings, it needs a `newDatabase()`.
    package func withDatabase<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let found = idle.take()
        let url = if let found { found } else { try await newDatabase() }
        do {
            let value = try await body(url)
            try await empty(url)
            return value
        } catch {
            try? await empty(url)
            throw error
        }
    }

    /// Ends all connections to a database, removes its content, and keeps it for the next test.
    private func empty(_ url: String) async throws {
        _ = try await psql(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
            DROP SCHEMA public CASCADE;
            CREATE SCHEMA public AUTHORIZATION pg_database_owner;
            GRANT USAGE ON SCHEMA public TO PUBLIC
            """, database: Self.name(in: url))
        idle.give(url)
    }

    /// Returns the database's name in a URL made here.
    package static func name(in url: String) -> String {
        String(url.split(separator: "?")[0].split(separator: "/").last ?? "")
    }

    /// Ends the server's side of the connections to a database for which `condition`, over `pg_stat_activity`, holds.
    /// Returns their number.
    @discardableResult
    package func terminateBackends(of url: String, where condition: String = "true") async throws -> Int {
        let count = try await psql(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = '\(Self.name(in: url))' AND pid <> pg_backend_pid() AND \(condition)
            """, database: "postgres")
        return Int(count) ?? 0
    }

    /// Runs SQL as an operator would, in its own process, and returns the output of `psql -At`.
    package func psql(_ sql: String, database: String) async throws -> String {
        try await ChildProcess.run([
            "\(Self.programs)/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", folder.path, "-p", "\(port)",
            "-U", "consultease", "-c", sql, database,
        ])
    }

    /// Returns an engine's configuration for the database of a URL. Its limits suit a busy machine; tests of time-outs
    /// set their own.
    package static func configuration(of url: String) throws -> PostgreSQLConfiguration {
        var configuration = try PostgreSQLConfiguration(url: url)
        configuration.limits.queueTimeout = .seconds(60)
        configuration.limits.connectTimeout = .seconds(60)
        configuration.limits.statementTimeout = .seconds(60)
        configuration.limits.idleInTransactionTimeout = .seconds(60)
        configuration.limits.leaderSilence = .seconds(60)
        return configuration
    }

    // MARK: Processes

    /// The command in front of PostgreSQL's programs, which refuse to run as root.
    private static var asRoot: [String] {
        geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : []
    }

    /// Starts the server at each line that it reads, and makes its data before the first start. At the end of its input
    /// it ends the server and removes the folder.
    private static func script(folder: String) -> String {
        let asRoot = asRoot.joined(separator: " ")
        let initdb = "\(asRoot) \(programs)/initdb -D \(folder)/data -U consultease -A trust -E UTF8 --locale=C.UTF-8"
        return """
            while read -r _; do
                if [ ! -d \(folder)/data ]; then
                    \(asRoot.isEmpty ? "" : "chown -R postgres \(folder)")
                    \(initdb) --no-sync --no-instructions </dev/null
                    cat \(folder)/settings >>\(folder)/data/postgresql.conf
                fi
                \(asRoot) \(programs)/pg_ctl start -s -w -D \(folder)/data -l \(folder)/log </dev/null
            done
            \(asRoot) \(programs)/pg_ctl stop -s -m immediate -D \(folder)/data
            rm -rf \(folder)
            """
    }

    private func ready() async throws {
        try await eventually(within: .seconds(60), "PostgreSQL answers: see \(folder.path)/log") {
            (try? await psql("SELECT 1", database: "postgres")) == "1"
        }
    }

    /// Runs one of PostgreSQL's programs as the owner of the data.
    private static func run(asOwner program: String, _ arguments: [String]) async throws {
        _ = try await ChildProcess.run(asRoot + ["\(programs)/\(program)"] + arguments)
    }
}

/// The URLs of databases that no test uses.
private final class IdleDatabases: Sendable {
    private let urls = Mutex<[String]>([])

    func take() -> String? { urls.withLock { $0.popLast() } }
    func give(_ url: String) { urls.withLock { $0.append(url) } }
}
