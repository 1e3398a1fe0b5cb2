// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Synchronization

/// A TCP proxy in front of PostgreSQL that cuts a connection at its COMMIT, once for each planned cut.
///
/// It recognises the simple query COMMIT that the engine sends. Each connection has two threads; all end with `stop()`.
package final class PostgresProxy: Sendable {
    package enum Cut: Sendable {
        /// COMMIT doesn't reach the server.
        case beforeCommit
        /// The server has answered COMMIT, but the client never receives the answer.
        case afterCommit
        /// Works like `afterCommit`, and no new connection gets through until `admit()`.
        case afterCommitForGood
        /// COMMIT reaches the server, and the client is cut off at once; the server notices it only after its answer.
        case duringCommit
    }

    package let port: Int
    private let listening: Int32
    private let state: Mutex<State>

    private struct State {
        var target: Int
        var cuts: [Cut] = []
        var done = 0
        var isBlocked = false
        var isStopped = false
        var isClosed = false
        var open: Set<Int32> = []
    }

    private static let commit: [UInt8] = [UInt8(ascii: "Q"), 0, 0, 0, 11] + Array("COMMIT\0".utf8)

    package init(to target: Int) throws {
        state = Mutex(State(target: target))
        listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listening
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
                    ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard result == 0 else { throw NoFreePort() }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { self.accept() }
    }

    /// Plans these cuts for the next COMMITs, one each.
    package func cutNext(_ cuts: [Cut]) {
        state.withLock { $0.cuts += cuts }
    }

    /// The number of COMMITs that were cut; the server has finished those that reached it.
    package var cutCount: Int { state.withLock(\.done) }

    /// Directs new connections to another server's port; existing ones stay.
    package func turn(to target: Int) {
        state.withLock { $0.target = target }
    }

    /// Lets new connections through again.
    package func admit() {
        state.withLock { $0.isClosed = false }
    }

    /// Blocks or unblocks all data in both directions, without closing a connection.
    package func block(_ isBlocked: Bool) {
        state.withLock { $0.isBlocked = isBlocked }
    }

    package func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return state.open
        }
        shutdown(listening, Int32(SHUT_RDWR))
        for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listening, nil, nil)
            guard client >= 0, !state.withLock(\.isStopped) else {
                close(listening)
                return
            }
            Thread.detachNewThread { self.serve(client) }
        }
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(port: state.withLock(\.target))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(server, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        defer {
            state.withLock { $0.open.subtract([client, server]) }
            close(client)
            close(server)
        }
        guard result == 0, !state.withLock(\.isClosed) else { return }
        state.withLock { $0.open.formUnion([client, server]) }
        // Set when the client must receive nothing more.
        let isMute = Flag()
        let back = DispatchGroup()
        back.enter()
        Thread.detachNewThread {
            self.forward(from: server, to: client, isMute: isMute)
            back.leave()
        }
        forwardFromClient(client, server, isMute: isMute)
        shutdown(server, Int32(SHUT_RDWR))
        shutdown(client, Int32(SHUT_RDWR))
        back.wait()
    }

    private func forwardFromClient(_ client: Int32, _ server: Int32, isMute: Flag) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(client, &bytes, bytes.count)
            guard count > 0 else { return }
            let part = bytes[..<count]
            // A COMMIT is alone in its packet, because the engine waits for each answer.
            let cut = part.elementsEqual(Self.commit) ? takeCut() : nil
            defer { if cut != nil { state.withLock { $0.done += 1 } } }
            switch cut {
            case .beforeCommit: return
            case .afterCommit, .afterCommitForGood:
                muted(part, to: server, isMute)
                return
            case .duringCommit:
                shutdown(client, Int32(SHUT_RDWR))
                muted(part, to: server, isMute)
                return
            case nil: send(part, to: server)
            }
        }
    }

    /// Sends COMMIT, waits for its answer, and discards it.
    private func muted(_ commit: ArraySlice<UInt8>, to server: Int32, _ isMute: Flag) {
        isMute.value.store(true, ordering: .releasing)
        send(commit, to: server)
        while !isMute.isAnswered.load(ordering: .acquiring) { usleep(1000) }
    }

    private func forward(from server: Int32, to client: Int32, isMute: Flag) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(server, &bytes, bytes.count)
            guard count > 0 else {
                isMute.isAnswered.store(true, ordering: .releasing)
                shutdown(client, Int32(SHUT_RDWR))
                return
            }
            if isMute.value.load(ordering: .acquiring) {
                isMute.isAnswered.store(true, ordering: .releasing)
            } else {
                send(bytes[..<count], to: client)
            }
        }
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
        let isAnswered = Atomic(false)
    }

    private func takeCut() -> Cut? {
        state.withLock { state in
            guard !state.cuts.isEmpty else { return nil }
            let cut = state.cuts.removeFirst()
            if cut == .afterCommitForGood { state.isClosed = true }
            return cut
        }
    }

    private func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        while state.withLock({ $0.isBlocked && !$0.isStopped }) { usleep(5000) }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        return address
    }
}
