// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing

@Suite("Consultations")
struct ConsultationTests {
    /// Each row is a status, and each column an action in the order of `ConsultationAction.allCases`: accept, busy,
    /// decline, start, complete, cancel, expire, no-show, ask again. `-` means not allowed, `=` means a duplicate.
    static let table: [(ConsultationStatus, String)] = [
        (.pending, "accepted busy declined - - cancelled expired - ="),
        (.accepted, "= - - in-progress completed cancelled - no-show -"),
        (.busy, "- = - - - cancelled expired - pending"),
        (.declined, "- - = - - - - - -"),
        (.inProgress, "- - - = completed - - - -"),
        (.completed, "- - - - = - - - -"),
        (.cancelled, "- - - - - = - - -"),
        (.expired, "- - - - - - = - -"),
        (.noShow, "- - - - - - - = -"),
    ]

    @Test func everyPairIsInTheTable() {
        #expect(Self.table.map(\.0) == ConsultationStatus.allCases)
        var pairs = 0
        for (status, row) in Self.table {
            for (action, cell) in zip(ConsultationAction.allCases, row.split(separator: " ")) {
                let outcome: ConsultationOutcome? =
                    switch cell {
                    case "-": .notAllowed
                    case "=": .already
                    default: ConsultationStatus(rawValue: String(cell)).map { .moves(to: $0) }
                    }
                #expect(status.applying(action) == outcome, "\(status) \(action)")
                pairs += 1
            }
        }
        #expect(pairs == 81)
    }

    @Test func aClosedConsultationStaysClosed() {
        for status in ConsultationStatus.allCases where status.isClosed {
            for action in ConsultationAction.allCases {
                if case .moves = status.applying(action) { Issue.record("\(status) \(action)") }
            }
            #expect(!status.isWaiting)
        }
    }

    @Test func busyKeepsTheStudentWaiting() {
        #expect(ConsultationStatus.allCases.filter(\.isWaiting) == [.pending, .busy])
    }
}
