// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import Service
import Store
import TestSupport

/// The reading clients. A client without an end of its own runs until cancelled.
struct HistoryReaders: Sendable {
    let recorder: HistoryRecorder

    static let limit = Duration.seconds(2)

    @discardableResult
    func read(_ client: String, _ instance: Instance, _ wants: Read.Freshness) async -> Bool {
        let id = recorder.ask(client, instance.name, .read(Read(wants, .failed)))
        let answer = await answer(instance, wants)
        recorder.answer(id, .read(Read(wants, answer)))
        if case .state = answer { return true }
        return false
    }

    private func answer(_ instance: Instance, _ wants: Read.Freshness) async -> Read.Answer {
        switch wants {
        case .any:
            let snapshot = instance.board.snapshot
            return .state(snapshot.tag, snapshot.values)
        case .atLeast(let tag):
            guard let snapshot = await instance.board.snapshot(atLeast: tag.revision, within: Self.limit) else {
                return .unavailable
            }
            return .state(snapshot.tag, snapshot.values)
        case .newest:
            guard let changes = try? await instance.database() else { return .failed }
            return .state(RevisionTag(lineage: changes.lineage, revision: changes.revision), changes.values)
        }
    }

    /// A client with a board, which reads it several times after each change, and then asks for the newest revision
    /// that any client was told.
    func watcher(_ client: String, _ instance: Instance) async {
        let (subscription, wakes) = instance.board.follow(after: instance.board.snapshot.tag)
        defer { subscription.cancel() }
        for await _ in wakes {
            for _ in 0..<4 {
                await read(client, instance, .any)
                await Task.yield()
            }
            if let newest = recorder.newest { await read(client, instance, .atLeast(newest)) }
        }
    }

    /// Follows the announcements of commits, and reads each announced revision from the database.
    func follower(_ client: String, _ instance: Instance) async {
        for await revision in instance.store.commits() {
            let wants = Read.Freshness.atLeast(instance.tag(revision))
            let id = recorder.ask(client, instance.name, .read(Read(wants, .failed)))
            recorder.answer(id, .read(Read(wants, await answer(instance, .newest))))
            await read(client, instance, .newest)
        }
    }

    /// A screen that takes frames as they arrive; after every few it loses its connection and resumes on the next
    /// instance.
    func screen(_ client: String, _ instances: [Instance], from first: Int, resumesAfter frames: Int) async throws {
        var number = first
        var last: RevisionTag?
        while !Task.isCancelled {
            let instance = instances[number % instances.count]
            let (subscription, wakes) = instance.board.follow(after: last)
            defer { subscription.cancel() }
            var taken = 0
            for await _ in wakes {
                while let frame = subscription.nextFrame() {
                    recorder.frame(client, instance.name, try Frame(frame))
                    last = frame.tag
                    taken += 1
                }
                if taken >= frames { break }
            }
            number += 1
        }
    }
}

extension Instance {
    /// Returns the whole database in one snapshot.
    func database() async throws -> CardRepository.Changes {
        try await store.read { try CardRepository($0).changes(since: .none) }
    }
}
