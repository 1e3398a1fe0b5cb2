// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

/// Tests rules 1 to 4 and 9: the meaning of an old unit's message, independent of earlier ones.
@Suite("Dialect 1: the meaning of messages")
struct Dialect1StatusTests {
    @Test(arguments: [
        (#"{"present":true}"#, true), (#"{"present":false,"status":null}"#, false),
        (#"{"present":true,"status":"available"}"#, true), (#"{"present":true,"status":"online"}"#, true),
        (#"{"present":false,"status":"OFFLINE"}"#, false), (#"{"present":false,"status":""}"#, false),
        (#"{"present":true,"status":"available "}"#, true), (#"{"status":"Away"}"#, false),
        (#"{"status":"aVaIlAbLe","faculty_id":"1"}"#, true), (#"{"faculty_id":1e0,"present":true}"#, true),
        (#"{"faculty_id":10e-1,"present":true}"#, true), (#"{"faculty_id":null,"present":true}"#, true),
        (#"{"present":true,"timestamp":-5}"#, true), (#"{"present":true,"timestamp":1e400}"#, true),
        (#"{"present":true,"timestamp":"x","ntp_sync_status":7,"in_grace_period":"no"}"#, true),
        (#"{"present":true,"timestamp":1,"timestamp":2}"#, true), (#"{"present":true,"mac":1,"mac":2}"#, true),
        (#"{"present":true,"faculty_name":"a","faculty_name":"b"}"#, true),
        (#"{"present":true,"in_grace_period":true,"grace_period_remaining":-1}"#, true),
        (#"{"\u0070resent":true}"#, true), (#"{"present":true,"x":{"present":1,"present":2}}"#, true),
        ("faculty_present", true), ("FACULTY_ABSENT", false), ("Keychain_Connected", true),
        (" \t\r\nkeychain_disconnected \n\0\0 \0", false), ("\u{FEFF} faculty_present\0", true),
        ("\u{FEFF}\r\n{\"present\":true}\n\0 \0", true),
    ])
    func reportsPresence(payload: String, present: Bool) throws {
        var room = Room()
        let acceptance = try #require(room.status(payload).acceptance)
        #expect(acceptance.present == present)
        #expect(acceptance.faculty == FacultyID(1))
        #expect(room.presence()?.state == PresenceState(isPresent: present))
        #expect(room.presence()?.isVerified == true)
        #expect(room.unit("d1-1")?.link.heardAt == room.now)
    }

    @Test(arguments: [
        (#"{"present":"true"}"#, RefusalReason.badPresent), (#"{"present":1}"#, .badPresent),
        (#"{"present":[]}"#, .badPresent),
        (#"{"present":true,"status":1}"#, .badStatus), (#"{"present":true,"status":true}"#, .badStatus),
        (#"{"status":{}}"#, .badStatus), (#"{"present":true,"status":"AWAY"}"#, .contradiction),
        (#"{"present":false,"status":"available"}"#, .contradiction), (#"{"status":"faculty_present"}"#, .unknownWord),
        (#"{"status":""}"#, .unknownWord), (#"{"status":"AVAILABLE\u0000"}"#, .unknownWord),
        (#"{"status":"AVA\u0130LABLE"}"#, .unknownWord), (#"{"status":null,"present":null}"#, .noPresence),
        ("{}", .noPresence),
        (#"{"faculty_id":2,"present":true}"#, .otherFacultyID), (#"{"faculty_id":"01","present":true}"#, .badFacultyID),
        (#"{"faculty_id":true,"present":true}"#, .badFacultyID), (#"{"faculty_id":"","present":true}"#, .badFacultyID),
        (#"{"faculty_id":1.5,"present":true}"#, .badFacultyID), (#"{"faculty_id":0,"present":true}"#, .badFacultyID),
        (#"{"faculty_id":"1 ","present":true}"#, .badFacultyID), (#"{"faculty_id":[1],"present":true}"#, .badFacultyID),
        (#"{"faculty_id":9223372036854775808,"present":true}"#, .badFacultyID),
        (#"{"present":true,"present":true}"#, .repeatedKey), (#"{"present":null,"present":true}"#, .repeatedKey),
        (#"{"present":true,"status":"AWAY","status":"AWAY"}"#, .repeatedKey),
        (#"{"present":true,"\u0070resent":true}"#, .repeatedKey),
        (#"{"faculty_id":1,"faculty_id":1,"present":true}"#, .repeatedKey),
        ("", .emptyPayload), (" \n\0", .emptyPayload), ("\u{FEFF}", .emptyPayload), ("AVAILABLE", .notJSON),
        ("\"faculty_present\"", .notAnObject), ("[]", .notAnObject), ("1", .notAnObject), ("null", .notAnObject),
        ("faculty_present x", .notJSON), ("\0{\"present\":true}", .notJSON),
        ("\u{FEFF}\u{FEFF}{\"present\":true}", .notJSON),
        (" \u{FEFF}{\"present\":true}", .notJSON), ("{\"present\":true}\0x", .notJSON),
        ("{\"present\":true}\u{A0}", .notJSON),
        (#"{"present":true,"n":01}"#, .notJSON), (#"{"present":true,"s":"\ud800"}"#, .notJSON),
        ("{\"present\":true,\"s\":\"\t\"}", .notJSON), (#"{"present":True}"#, .notJSON),
    ])
    func isRefused(payload: String, reason: RefusalReason) {
        var room = Room()
        let before = room.world
        #expect(room.status(payload).reason == reason)
        #expect(room.world == before)
    }

    @Test func sizeIsCountedAsReceived() {
        let body = #"{"present":true}"#
        var room = Room()
        #expect(room.status(body + String(repeating: " ", count: 65_536 - body.utf8.count)).reason == nil)
        #expect(room.status(body + String(repeating: " ", count: 65_537 - body.utf8.count)).reason == .tooLarge)
        #expect(room.status("faculty_present" + String(repeating: "\0", count: 70_000)).reason == .tooLarge)
    }

    @Test func depthCountsTheRoot() {
        let nested = { (levels: Int) in
            #"{"present":true,"x":"# + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
                + "}"
        }
        var room = Room()
        #expect(room.status(nested(31)).reason == nil)
        #expect(room.status(nested(32)).reason == .tooDeep)
    }

    @Test func bytesThatAreNoUTF8AreRefused() {
        var room = Room()
        #expect(room.hear("consultease/faculty/1/status", [0xFF, 0xFE]).reason == .notUTF8)
        #expect(room.hear("consultease/faculty/1/status", [0xEF, 0xBB]).reason == .notUTF8)
    }

    @Test func anUnknownIDIsRefused() {
        var room = Room()
        #expect(room.status(#"{"present":true}"#, of: 99).reason == .unknownFaculty)
        #expect(room.world == Fixture.world(at: room.now))
    }

    @Test(arguments: [
        (#"{"status":"faculty_present","mac":"AA:BB:CC:DD:EE:01"}"#, true),
        (#"{"status":"FACULTY_PRESENT","mac":"aabbccddee01"}"#, true),
        (#"{"status":"faculty_present","mac":"aa-bb-cc-dd-ee-01"}"#, true),
        (#"{"status":"faculty_present","mac":"AABB-CCDD:EE01","present":"x"}"#, true),
        (#"{"status":"faculty_absent"}"#, false),
        (#"{"status":"faculty_absent","mac":null}"#, false),
        (#"{"status":"faculty_absent","mac":"AA:BB:CC:DD:EE:01"}"#, false),
        (#"{"status":"faculty_absent","mac":"","faculty_id":"1"}"#, false),
    ])
    func aBeaconReportsPresence(payload: String, present: Bool) {
        var room = Room()
        #expect(room.hear("consultease/faculty/1/mac_status", payload).acceptance?.present == present)
    }

    @Test(arguments: [
        (#"{"status":"faculty_present"}"#, RefusalReason.badMAC), (#"{"status":"faculty_present","mac":""}"#, .badMAC),
        (#"{"status":"faculty_present","mac":"AA:BB:CC:DD:EE"}"#, .badMAC),
        (#"{"status":"faculty_absent","mac":"::"}"#, .badMAC),
        (#"{"status":"faculty_present","mac":"AA:BB:CC:DD:EE:011"}"#, .badMAC),
        (#"{"status":"faculty_absent","mac":7}"#, .badMAC),
        (#"{"status":"faculty_present","mac":"AA BB CC DD EE 01"}"#, .badMAC),
        (#"{"mac":"AA:BB:CC:DD:EE:01"}"#, .badStatus),
        (#"{"status":"faculty_absent","mac":"AA:BB:CC:DD:EE:02"}"#, .unknownBeacon), (#"{"status":true}"#, .badStatus),
        (#"{"status":"faculty_present","mac":"AA:BB:CC:DD:EE:99"}"#, .unknownBeacon),
        (#"{"status":"AVAILABLE"}"#, .unknownWord),
        (#"{"status":"keychain_connected","mac":"AA:BB:CC:DD:EE:01"}"#, .unknownWord), ("faculty_absent", .notJSON),
        (#"{"status":"faculty_absent","mac":"","mac":""}"#, .repeatedKey),
        (#"{"status":"faculty_absent","status":"faculty_absent"}"#, .repeatedKey),
    ])
    func aBeaconThatIsNotTheirsIsRefused(payload: String, reason: RefusalReason) {
        var room = Room()
        #expect(room.hear("consultease/faculty/1/mac_status", payload).reason == reason)
    }

    @Test(arguments: [
        (#"{"faculty_id":2,"status":true}"#, true),
        (#"{"faculty_id":"2","status":false,"present":true,"present":1}"#, false),
        (#"{"faculty_id":2,"status":true,"present":"x"}"#, true),
    ])
    func theOlderSpellingNamesSomebodyInItsBody(payload: String, present: Bool) {
        var room = Room()
        let outcome = room.hear("professor/status", payload).outcome
        #expect(outcome == CorpusLine.Outcome(accepted: true, faculty: FacultyID(2), present: present))
        #expect(room.unit("d1-2")?.link.heardAt == room.now)
    }

    @Test(
        arguments: [
            (#"{"faculty_id":99,"status":true}"#, RefusalReason.unknownFaculty, Int64(99)),
            (#"{"faculty_id":2,"status":"AVAILABLE"}"#, .badStatus, 2),
            (#"{"faculty_id":2,"present":true}"#, .noPresence, 2),
            (#"{"faculty_id":2,"status":null}"#, .noPresence, 2), (#"{"status":true}"#, .namesNobody, nil),
            (#"{"faculty_name":"Prof. Juan Dela Cruz","status":true}"#, .namesNobody, nil),
            ("faculty_present", .namesNobody, nil),
            (#"{"faculty_id":2,"faculty_id":2,"status":true}"#, .repeatedKey, nil),
            (#"{"faculty_id":"x","status":true}"#, .badFacultyID, nil),
        ] as [(String, RefusalReason, Int64?)])
    func theOlderSpellingIsRefused(payload: String, reason: RefusalReason, faculty: Int64?) {
        var room = Room()
        let verdict = room.hear("professor/status", payload)
        #expect(verdict.reason == reason)
        #expect(verdict.outcome.faculty == faculty.flatMap { FacultyID($0) })
    }

    @Test func theOlderSpellingMayHaveOneConfiguredSender() {
        var room = Room()
        room.world.professorStatusSender = FacultyID(3)
        #expect(room.hear("professor/status", "keychain_disconnected").outcome.present == false)
        #expect(room.presence(3)?.state == .absent)
        #expect(room.hear("professor/status", #"{"status":true}"#).outcome.faculty == FacultyID(3))
        #expect(room.hear("professor/status", #"{"status":false,"faculty_id":4}"#).outcome.faculty == FacultyID(4))
        #expect(room.presence(3)?.state == .present)
    }

    @Test(
        arguments: ["heartbeat", "diagnostics"],
        [
            "{}", #"{"faculty_id":1,"uptime":"x","presence_status":7}"#, #"{"uptime":-1,"uptime":2}"#,
            #"{"present":1,"present":2,"status":1,"status":2}"#,
            #"{"uptime":1e400,"free_heap":-1,"presence_status":"AWAY"}"#,
        ])
    func aSignOfLifeNeedsOnlyBeAnObject(topic: String, payload: String) {
        var room = Room()
        let outcome = room.hear("consultease/faculty/1/\(topic)", payload).outcome
        #expect(outcome == CorpusLine.Outcome(accepted: true, faculty: FacultyID(1)))
        #expect(room.unit("d1-1")?.link.heardAt == room.now)
        #expect(room.presence()?.state == .present)
    }

    @Test(
        arguments: ["heartbeat", "diagnostics"],
        ["[]", "alive", "", #"{"faculty_id":2}"#, #"{"faculty_id":1,"faculty_id":1}"#])
    func aSignOfLifeThatIsNoneIsRefused(topic: String, payload: String) {
        var room = Room()
        #expect(room.hear("consultease/faculty/1/\(topic)", payload).reason != nil)
        #expect(room.unit("d1-1") == nil)
    }
}
