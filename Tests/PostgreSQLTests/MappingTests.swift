// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Testing

@testable import PostgreSQL

@Suite("PostgreSQL: errors in shared terms")
struct MappingTests {
    @Test(arguments: [
        ("40001", SQLError.Code.conflict), ("40P01", .conflict), ("55P03", .busy), ("53300", .busy), ("57P03", .busy),
        ("57014", .timeout), ("23505", .constraint), ("23503", .constraint), ("22021", .constraint),
        ("22P02", .constraint), ("P0001", .constraint), ("54000", .constraint), ("53100", .storage),
        ("53200", .storage), ("58030", .storage), ("57P01", .connectionLost), ("57P02", .connectionLost),
        ("57P05", .connectionLost), ("25P03", .connectionLost), ("08006", .connectionLost), ("28P01", .cannotOpen),
        ("28000", .cannotOpen), ("3D000", .cannotOpen), ("25006", .cannotOpen), ("42501", .cannotOpen),
        ("42P01", .cannotOpen), ("42703", .cannotOpen), ("42883", .cannotOpen), ("42P10", .cannotOpen),
        ("3F000", .cannotOpen), ("42601", .statement), ("0A000", .statement), ("55000", .other), ("XX000", .other),
        ("25P02", .other), ("", .other), ("?", .other),
    ])
    func eachSQLSTATEHasItsCode(_ state: String, _ code: SQLError.Code) {
        #expect(SQLError.Code(sqlState: state) == code)
    }

    @Test func aMessageHasItsSQLSTATEAndNoData() {
        let error = SQLError(sqlState: "22P02", primary: "invalid input syntax for type bigint: \"secret\"")
        #expect(error.message == "invalid input syntax for type bigint (SQLSTATE 22P02)")
    }

    /// A standby has no timeline of its own, and a role may lack the right to ask for the cluster's identifier.
    @Test(arguments: [
        (ServerPast(systemIdentifier: "1", timeline: "00000001", crashMark: "b"), false),
        (ServerPast(systemIdentifier: "2", timeline: "00000001", crashMark: "a"), true),
        (ServerPast(systemIdentifier: "1", timeline: "00000002", crashMark: "a"), true),
        (ServerPast(systemIdentifier: nil, timeline: "00000002", crashMark: "a"), true),
        (ServerPast(systemIdentifier: nil, timeline: "00000001", crashMark: "a"), false),
        (ServerPast(systemIdentifier: "1", timeline: nil, crashMark: "a"), false),
        (ServerPast(systemIdentifier: "2", timeline: nil, crashMark: "a"), true),
    ])
    func aConnectionIsOverWhereTheAddressLeadsElsewhere(_ present: ServerPast, _ isOver: Bool) {
        #expect(begun.isOver(in: present) == isOver)
        #expect(present.isOver(in: begun) == isOver)
    }

    @Test(arguments: [
        ("on", "on", false), ("off", "on", true), ("local", "local", false), ("remote_apply", "remote_apply", false),
    ])
    func aSessionKeepsWhatIsDurable(_ found: String, _ kept: String, _ isWeak: Bool) {
        let durability = Durability(version: 150_000, fsync: "on", synchronousCommit: found)
        #expect(durability.keptSynchronousCommit == kept)
        #expect(durability.isWeak == isWeak)
        #expect(Durability(version: 150_000, fsync: "off", synchronousCommit: found).isWeak)
    }

    private let begun = ServerPast(systemIdentifier: "1", timeline: "00000001", crashMark: "a")

    @Test(arguments: [
        (CommitInquiry.Status.committed, CommitInquiry.Verdict.committed), (.aborted, .aborted),
        (.inProgress, .undecided), (.future, .unknowable), (.forgotten, .unknowable),
    ])
    func theSameServerIsBelieved(_ status: CommitInquiry.Status, _ verdict: CommitInquiry.Verdict) {
        #expect(CommitInquiry.judge(status, begun: begun, found: begun) == verdict)
    }

    @Test(arguments: [
        (CommitInquiry.Status.committed, CommitInquiry.Verdict.unknowable), (.aborted, .aborted),
        (.inProgress, .aborted), (.future, .aborted), (.forgotten, .unknowable),
    ])
    func afterACrashANumberMayBeAnothers(_ status: CommitInquiry.Status, _ verdict: CommitInquiry.Verdict) {
        let found = ServerPast(systemIdentifier: "1", timeline: "00000001", crashMark: "b")
        #expect(CommitInquiry.judge(status, begun: begun, found: found) == verdict)
    }

    @Test(arguments: [
        ServerPast(systemIdentifier: "2", timeline: "00000001", crashMark: "a"),
        ServerPast(systemIdentifier: "1", timeline: "00000002", crashMark: "a"),
        ServerPast(systemIdentifier: "1", timeline: nil, crashMark: "a"),
    ])
    func anotherServerOrTimelineProvesNothing(_ found: ServerPast) {
        for status in [CommitInquiry.Status.committed, .aborted, .inProgress, .future, .forgotten] {
            #expect(CommitInquiry.judge(status, begun: begun, found: found) == .unknowable)
        }
    }
}
