// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("FacultyService: the former system's door")
struct FacultyServiceTests {
    @Test func whoUpdatesAStatusReadsTheirWrite() async throws {
        try await withService { fixture in
            for isPresent in [true, false, true] {
                let data = try await fixture.service.updateStatus(.number(1), isPresent: isPresent)
                #expect(data.status == isPresent)
            }
            let all = try await fixture.service.allFaculty()
            #expect(all.map(\.status) == [true, false, false])
            #expect(all.allSatisfy { $0.email == nil && $0.bleID == nil })
        }
    }

    @Test func nobodyIsAnErrorThatSaysSo() async throws {
        try await withService { fixture in
            await #expect(throws: FacultyError.refused(.unknownFaculty)) {
                try await fixture.service.updateStatus(.number(99), isPresent: true)
            }
            await #expect(throws: FacultyError.unknown(.number(99))) {
                try await fixture.service.faculty(.number(99))
            }
        }
    }

    /// No lost update: a hundred writers at once, and the last arrival stands.
    @Test func aHundredTasksUpdateOnePersonAndEachIsCommitted() async throws {
        try await withService { fixture in
            let before = fixture.store.lastCommitted
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask { try await fixture.service.updateStatus(.number(1), isPresent: number % 2 == 0) }
                }
                try await group.waitForAll()
            }
            let last = try await fixture.service.updateStatus(.number(1), isPresent: true)
            #expect(last.status)
            #expect(fixture.store.lastCommitted > before)
        }
    }
}
