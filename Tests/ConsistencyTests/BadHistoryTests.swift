// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Testing

@Suite("Histories that the promises forbid")
struct BadHistoryTests {
    /// The checker finds the planted violation under its rule, and names the operations that show it.
    @Test(arguments: Planted.all)
    func isFound(_ planted: Planted) {
        var script = Script()
        planted.plant(&script)
        let report = script.check()
        #expect(report.rules.contains(planted.rule), "\(planted): \(report)")
        if let named = planted.named {
            let found = report.violations.contains { violation in
                violation.rule == planted.rule && Set(violation.operations.map(\.id)).isSuperset(of: named)
            }
            #expect(found, "\(report)")
        }
    }

    @Test func everyRuleHasAPlantedViolation() {
        #expect(Set(Planted.all.map(\.rule)) == Set(Rule.allCases))
    }

    @Test func aViolationReadsWell() {
        var script = Script()
        script.write("anna", 1...3, [room1: "a1"], 11)
        script.read("anna", 4...5, .atLeast(at(11)), 10, [room1: "a0"])
        #expect(
            script.check().violations.first?.description == """
                a read that asks for a revision sees it: asked for lineage1-11, got lineage1-10
                    #1 anna [0.004…0.005] read at least lineage1-11 → lineage1-10: 1.room = a0
                """)
    }

    /// A search that would never end is reported, and doesn't count as an acceptance.
    @Test func anUndecidableHistoryIsNotAccepted() {
        var script = Script()
        for number in 0..<70 {
            script.write("unit-\(number)", 1...100, [room1: Token("a\(number)")], .committed(nil), event: "e\(number)")
        }
        let report = script.check()
        #expect(report.undecided == [room1])
        #expect(!report.isAccepted)
    }
}

struct Planted: Sendable, CustomStringConvertible {
    let description: String
    let rule: Rule
    var named: Set<Int>?
    let plant: @Sendable (inout Script) -> Void

    init(
        _ description: String, _ rule: Rule, _ named: Set<Int>? = nil,
        _ plant: @escaping @Sendable (inout Script) -> Void
    ) {
        self.description = description
        self.rule = rule
        self.named = named
        self.plant = plant
    }

    static let all = commits + reads + streams + events

    private static let commits: [Planted] = [
        Planted("published before the commit, which fails", .committedOnly, [0, 1]) { script in
            script.write("anna", 1...9, [room1: "a1"], .failed)
            script.read("kiosk", 3...4, 11, [room1: "a1"])
        },
        Planted("a value that no client wrote", .committedOnly, [0]) { script in
            script.read("kiosk", 3...4, 10, [room1: "a7"])
        },
        Planted("published before it was asked for", .notBeforeItBegins, [0, 1]) { script in
            script.read("kiosk", 1...2, 11, [room1: "a1"])
            script.write("anna", 3...4, [room1: "a1"], 11)
        },
        Planted("a revision told before its commit was asked for", .notBeforeItBegins, [0, 1]) { script in
            script.read("kiosk", 1...2, 11, [room2: "b0"])
            script.write("anna", 3...4, [room1: "a1"], 11)
        },
        Planted("a revision used twice", .ownRevision, [0, 1]) { script in
            script.write("anna", 1...4, [room1: "a1"], 11)
            script.write("ben", 2...3, [room2: "b1"], 11)
        },
        Planted("a revision that a transaction shares with a batch", .ownRevision, [0, 1]) { script in
            script.write("unit", 1...4, [room1: "a1"], 11, event: "e1")
            script.write("ben", 2...3, [room2: "b1"], 11)
        },
        Planted("revisions against the order of time", .realTimeOrder, [0, 1]) { script in
            script.write("anna", 1...2, [room1: "a1"], 12)
            script.write("ben", 3...4, [room2: "b1"], 11)
        },
        Planted("a commit at a revision that was read before", .realTimeOrder, [0, 1]) { script in
            script.read("kiosk", 1...2, 11, [room1: "a0"])
            script.write("anna", 3...4, [room2: "b1"], 11)
        },
        Planted("a unit's messages against the order of arrival", .realTimeOrder, [0, 1]) { script in
            script.write("unit", 1...8, [room1: "a1"], 12, event: "e1")
            script.write("unit", 2...7, [room1: "a2"], 11, event: "e2")
        },
        Planted("a batch in which an earlier message stands", .stateAfter, [0, 1]) { script in
            script.write("unit", 1...8, [room1: "a1"], 11, event: "e1")
            script.write("unit", 2...8, [room1: "a2"], 11, event: "e2")
            script.end(11, [room1: "a2"])
            script.read("kiosk", 9...10, 11, [room1: "a1"])
        },
    ]

    private static let reads: [Planted] = [
        Planted("a stale cache", .atLeast, [1]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.read("kiosk", 3...4, .atLeast(at(11)), 10, [room1: "a0"])
        },
        Planted("a stale cache that tells a fresh revision", .stateAfter, [0, 1]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.read("kiosk", 3...4, .atLeast(at(11)), 11, [room1: "a0"])
        },
        Planted("a fresh value under an old revision", .stateAfter, [0, 1]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.read("kiosk", 3...4, 10, [room1: "a1"])
        },
        Planted("a client doesn't read its own write", .ownWrite, [0, 1]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.read("anna", 3...4, 10, [room1: "a0"])
        },
        Planted("another instance is behind the first", .neverBack, [1, 2]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.read("kiosk", 3...4, 11, [room1: "a1"])
            script.read("kiosk", 5...6, 10, [room1: "a0"])
        },
        Planted("the database is behind an answer", .newest, [0, 1]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.read("kiosk", 3...4, .newest, 10, [room1: "a0"])
        },
        Planted("two contents of one revision", .oneContent, [1, 2]) { script in
            script.write("anna", 1...2, [room1: "a1"], .unknown)
            script.read("kiosk", 3...4, 11, [room1: "a1"])
            script.read("hall", 3...4, 11, [room1: "a0"])
        },
        Planted("half of a transaction", .wholeTransaction, [0, 1]) { script in
            script.write("anna", 1...2, [room1: "a1", room2: "b1"], 11)
            script.read("kiosk", 3...4, 11, [room1: "a1", room2: "b0"])
        },
        Planted("half of a transaction, before its commit", .wholeTransaction, [0, 1]) { script in
            script.write("anna", 1...8, [room1: "a1", room2: "b1"], 12)
            script.read("kiosk", 3...4, 11, [room1: "a1", room2: "b0"])
        },
        Planted("half of a transaction of unknown outcome", .wholeTransaction, [0, 1]) { script in
            script.write("anna", 1...2, [room1: "a1", room2: "b1"], .unknown)
            script.read("kiosk", 3...4, 11, [room1: "a1", room2: "b0"])
        },
        Planted("half of it seen by one, and later the other half not by another", .wholeTransaction, [0, 2]) {
            script in
            script.write("anna", 1...2, [room1: "a1", room2: "b1"], .unknown)
            script.read("kiosk", 3...4, 11, [room1: "a1"])
            script.read("hall", 5...6, 12, [room1: "a1", room2: "b0"])
        },
        Planted("a number from another past is believed", .freshStart, [0]) { script in
            script.restore(at(4, "lineage2"), [room1: "old"])
            script.answer("anna", 4...5, .atLeast(at(11, "lineage2")), .state(at(11), [room1: "a0"]))
        },
        Planted("409 where there is one past alone", .freshStart, [0]) { script in
            script.answer("anna", 4...5, .atLeast(at(10)), .otherLineage)
        },
    ]

    private static let streams: [Planted] = [
        Planted("a stream goes back", .neverBack, [1, 2]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.frame("screen", 3, .snapshot, 11, [room1: "a1", room2: "b0"])
            script.frame("screen", 4, .snapshot, 10, [room1: "a0", room2: "b0"])
        },
        Planted("a stream returns to a former past", .neverBack, [0, 2]) { script in
            script.restore(at(4, "lineage2"), [room1: "old"])
            script.frame("screen", 1, .snapshot, 10, [room1: "a0"])
            script.frame("screen", 3, .snapshot, at(4, "lineage2"), [room1: "old"])
            script.frame("screen", 5, .snapshot, 10, [room1: "a0"])
        },
        Planted("a stream goes on over a restore", .freshStart, [1]) { script in
            script.restore(at(4, "lineage2"), [room1: "old"])
            script.frame("screen", 1, .snapshot, 10, [room1: "a0"])
            script.frame("screen", 3, .change, at(4, "lineage2"), [room1: "old"])
        },
        Planted("a reset without a snapshot", .freshStart, [2]) { script in
            script.frame("screen", 1, .snapshot, 10, [room1: "a0"])
            script.frame("screen", 3, .reset, 0)
            script.frame("screen", 5, .change, 10, [room1: "a0"])
        },
        Planted("a change that a stream is not told of", .stateAfter, [0, 3]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.write("anna", 3...4, [room2: "b1"], 12)
            script.frame("screen", 1, .snapshot, 10, [room1: "a0", room2: "b0"])
            script.frame("screen", 5, .change, 12, [room2: "b1"])
        },
        Planted("a card published before the other of its transaction", .wholeTransaction, [0, 2]) { script in
            script.write("anna", 1...2, [room1: "a1", room2: "b1"], 11)
            script.frame("screen", 1, .snapshot, 10, [room1: "a0", room2: "b0"])
            script.frame("screen", 5, .change, 11, [room2: "b1"])
        },
    ]

    private static let events: [Planted] = [
        Planted("acknowledged before the commit, which is lost", .acknowledgedIsKept) { script in
            script.write("unit", 1...2, [room1: "a1"], .committed(nil), event: "e1")
            script.end(14, [room1: "a0", room2: "b0"])
        },
        Planted("acknowledged before the commit, and not there yet", .acknowledgedIsKept, [0, 1]) { script in
            script.write("unit", 1...2, [room1: "a1"], .committed(nil), event: "e1")
            script.read("kiosk", 3...4, .newest, nil, [room1: "a0"])
            script.end(14, [room1: "a1", room2: "b0"])
        },
        Planted("acknowledged, and taken back", .acknowledgedIsKept, [1]) { script in
            script.write("unit", 1...2, [room1: "a1"], .committed(nil), event: "e1")
            script.write("unit", 3...4, [room1: "a2"], .committed(nil), event: "e2")
            script.read("kiosk", 5...6, .newest, nil, [room1: "a2"])
            script.end(14, [room1: "a1", room2: "b0"])
        },
        Planted("a database that ends below an answer", .acknowledgedIsKept, [0]) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.end(10, [room1: "a0", room2: "b0"])
        },
        Planted("a lost update", .acknowledgedIsKept) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.write("ben", 1...3, [room1: "a2"], 12)
            script.end(12, [room1: "a1", room2: "b0"])
        },
        Planted("a lost update that a count shows", .acknowledgedIsKept) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.write("ben", 1...3, [room1: "a2"], 12)
            script.end(12, [room1: "a2", room2: "b0"], counts: [room1: 1])
        },
        Planted("an event applied again after another", .appliedOnce) { script in
            script.write("unit", 1...2, [room1: "a1"], 11, event: "e1")
            script.write("unit", 3...4, [room1: "a2"], 12, event: "e2")
            script.write("unit", 5...6, [room1: "a1"], .duplicate(at(13)), event: "e1")
            script.read("kiosk", 7...8, 13, [room1: "a1"])
        },
        Planted("two deliveries that both apply it", .appliedOnce, [0, 1]) { script in
            script.write("unit", 1...2, [room1: "a1"], 11, event: "e1")
            script.write("unit", 5...6, [room1: "a1"], 13, event: "e1")
        },
        Planted("a write counted twice", .appliedOnce) { script in
            script.write("anna", 1...2, [room1: "a1"], 11)
            script.end(11, [room1: "a1"], counts: [room1: 2])
        },
    ]
}
