// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Synchronization
import Testing

@testable import Web

@Suite("Caching by revision")
struct RevisionCacheTests {
    @Test func isMadeOnceForConcurrentReadersAndNotKeptForAnEmptyDepartment() async throws {
        try await withEdge { edge in
            let made = Made()
            let cache = RevisionCache { snapshot, department in
                made.count.withLock { $0[department ?? "all", default: 0] += 1 }
                return snapshot.cards(of: department).count
            }
            let snapshot = edge.board.snapshot
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        #expect(await cache.value(of: snapshot, department: nil) == 9)
                        #expect(await cache.value(of: snapshot, department: "Engineering") == 5)
                        #expect(await cache.value(of: snapshot, department: "Invented \(number)") == 0)
                    }
                }
            }
            let count = made.count.withLock(\.self)
            #expect(count["all"] == 1)
            #expect(count["Engineering"] == 1)
        }
    }

    private final class Made: Sendable {
        let count = Mutex<[String: Int]>([:])
    }
}
