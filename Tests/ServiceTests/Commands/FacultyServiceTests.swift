// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("FacultyService: the former system's interface")
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

    @Test func anUnknownIDIsAnErrorThatNamesIt() async throws {
        try await withService { fixture in
            await #expect(throws: FacultyError.refused(.unknownFaculty)) {
                try await fixture.service.updateStatus(.number(99), isPresent: true)
            }
            await #expect(throws: FacultyError.unknown(.number(99))) {
                try await fixture.service.faculty(.number(99))
            }
        }
    }

    /// A hundred writers at once lose no update, and the last arrival counts.
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

    /// No sequencer runs: the judge works in the command's own transaction.
    @Test func anUpdateNeedsNoLeader() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let office = commands(over: fixture.store)
            let id = try await office.people.add(
                FacultyEntry(profile: FacultyProfile(name: "Dr. Ana Reyes", department: "Law"))
            ).value.id
            let before = fixture.store.lastCommitted
            let revision = try await office.statuses.updateStatus(id, isPresent: true)
            #expect(revision > before)
            let shown = try await fixture.store.read { try AvailabilityRepository($0).shown(of: id) }
            #expect(shown?.availability.state == .available)
            #expect(shown?.availability.lastEvidence == fixture.time.now())
        }
    }

    @Test func aRefusedUpdateIsCountedAndKeptWithASample() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let statuses = commands(over: fixture.store).statuses
            for _ in 1...2 {
                await #expect(throws: FacultyError.refused(.unknownFaculty)) {
                    try await statuses.updateStatus(.number(99), isPresent: true)
                }
            }
            let cause = RefusalRepository.Cause(unit: "", reason: RefusalReason.unknownFaculty.rawValue)
            let (counts, samples) = try await fixture.store.read { transaction in
                let refusals = RefusalRepository(transaction)
                return (try refusals.counts(), try refusals.samples(of: cause))
            }
            #expect(counts.map(\.cause) == [cause])
            #expect(counts.map(\.count) == [2])
            #expect(samples.map(\.topic) == Array(repeating: "consultease/faculty/99/status", count: 2))
            #expect(samples.map(\.payload) == Array(repeating: #"{"present":true}"#, count: 2))
        }
    }
}
