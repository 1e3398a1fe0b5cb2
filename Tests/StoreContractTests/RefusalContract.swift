// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import TestSupport
import Testing

@Suite("Promise 10: nothing disappears silently")
struct RefusalContract {
    private let cause = RefusalRepository.Cause(unit: "d1-7", reason: "bad-json")

    @Test(arguments: TestEngine.allCases)
    func aFloodIsOneRowWithItsCountAndTheNewestSamples(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            for batch in 0..<10 {
                let samples = (0..<100).map {
                    RefusalRepository.Sample(at: fixture.store.now, topic: "t", payload: "\(batch * 100 + $0)")
                }
                try await fixture.store.write { [cause] in
                    try RefusalRepository($0).record([cause: (count: 100, samples: samples)])
                }
                fixture.time.advance(by: .seconds(1))
            }
            let counts = try await fixture.store.read { try RefusalRepository($0).counts() }
            #expect(counts.map(\.count) == [1000])
            #expect(counts.first.map { $0.lastAt > $0.firstAt } == true)
            let samples = try await fixture.store.read { [cause] in try RefusalRepository($0).samples(of: cause) }
            #expect(samples.map(\.payload) == ["995", "996", "997", "998", "999"])
        }
    }

    /// An operator may have written any number into the rows: a refusal that can't be counted would keep its batch from
    /// committing.
    @Test(arguments: TestEngine.allCases)
    func aCountStopsAtItsEnd(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            for (stored, counted) in [(Int64.max, Int64.max), (.max - 1, .max), (.max - 2, .max), (.min, .min + 2)] {
                try await fixture.edit(
                    """
                    DELETE FROM refusal;
                    INSERT INTO refusal (unit, reason, count, first_at, last_at) VALUES ('d1-7', 'bad-json', \(stored), 5, 5)
                    """)
                try await fixture.store.write { [cause] in
                    try RefusalRepository($0).record([cause: (count: 2, samples: [])])
                }
                let counts = try await fixture.store.read { try RefusalRepository($0).counts() }
                #expect(counts.map(\.count) == [counted])
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func samplesAreForgottenAfterSevenDaysAndCountsAreNot(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let sample = RefusalRepository.Sample(at: fixture.store.now, topic: "t", payload: "p")
            try await fixture.store.write { [cause] in
                try RefusalRepository($0).record([cause: (count: 1, samples: [sample])])
            }
            fixture.time.advance(by: RefusalRepository.samplesKeptFor + .seconds(1))
            let page = try await fixture.store.read { try RefusalRepository($0).samplePage(after: nil, count: 5) }
            #expect(page.old.count == 1 && page.next == nil)
            try await fixture.store.write { try RefusalRepository($0).dropOldSamples(page.old) }
            let samples = try await fixture.store.read { [cause] in try RefusalRepository($0).samples(of: cause) }
            #expect(samples.isEmpty)
            #expect(try await fixture.store.read { try RefusalRepository($0).counts() }.count == 1)
        }
    }
}
