// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Simulation

@Suite("A simulated screen")
struct ScreenTests {
    private static let stream =
        "\u{FEFF}: hello\r\nevent: snapshot\nid: a-1\ndata: {\"x\":\ndata:1}\n\nid: a-2\rdata: y\r\rdata\n\n:\n\n"

    @Test func anySplitOfTheStreamReadsTheSame() {
        let bytes = Array(Self.stream.utf8)
        var whole = ServerSentEventParser()
        let expected = whole.take(bytes)
        #expect(
            expected == [
                ServerSentEvent(name: "snapshot", data: "{\"x\":\n1}", id: "a-1"),
                ServerSentEvent(name: "message", data: "y", id: "a-2"),
                ServerSentEvent(name: "message", data: "", id: "a-2"),
            ])
        for cut in 0...bytes.count {
            var parser = ServerSentEventParser()
            #expect(parser.take(Array(bytes[..<cut])) + parser.take(Array(bytes[cut...])) == expected, "cut at \(cut)")
        }
        var single = ServerSentEventParser()
        #expect(bytes.flatMap { single.take([$0]) } == expected)
    }

    private func frame(_ name: String, _ revision: String, _ ids: [Int], removed: [Int] = []) -> ServerSentEvent {
        let cards = ids.map { #"{"id":\#($0),"availability":"away","status":false,"version":1}"# }.joined(
            separator: ",")
        return ServerSentEvent(
            name: name, data: #"{"revision":"\#(revision)","cards":[\#(cards)],"removed":\#(removed)}"#, id: revision)
    }

    @Test func aSnapshotAndChangesMakeABoard() {
        var board = ScreenBoard()
        board.take(frame("snapshot", "a-b-3", [1, 2]))
        board.take(frame("change", "a-b-5", [2, 4], removed: [1]))
        board.take(ServerSentEvent(name: "beat", data: "{}", id: "a-b-9"))
        #expect(board.cards.keys.sorted() == [2, 4])
        #expect(board.revision == ScreenRevision("a-b-5"))
        #expect(board.lastEventID == "a-b-9")
        #expect(board.violations.isEmpty)
    }

    @Test func aResetBeginsAnewAndAnotherLineageMayFollow() {
        var board = ScreenBoard()
        board.take(frame("snapshot", "a-9", [1]))
        board.take(ServerSentEvent(name: "reset", data: "{}", id: "b-1"))
        board.take(frame("snapshot", "b-1", [2]))
        #expect(board.cards.keys.sorted() == [2])
        #expect(board.violations.isEmpty)
    }

    @Test func everyStepBackIsNoted() {
        var back = ScreenBoard()
        back.take(frame("snapshot", "a-9", [1]))
        back.take(frame("change", "a-8", [1]))
        #expect(back.violations == ["revision 8 after 9"])
        var foreign = ScreenBoard()
        foreign.take(frame("snapshot", "a-1", [1]))
        foreign.take(frame("change", "b-2", [1]))
        #expect(foreign.violations == ["lineage b after a without a reset"])
        var early = ScreenBoard()
        early.take(frame("change", "a-1", [1]))
        #expect(early.violations == ["a change before any snapshot"])
        var broken = ScreenBoard()
        broken.take(ServerSentEvent(name: "change", data: "{", id: "a-1"))
        broken.take(ServerSentEvent(name: "snapshot", data: #"{"revision":"7","cards":[]}"#, id: "7"))
        broken.take(ServerSentEvent(name: "snapshot", data: #"{"revision":"a-7","cards":[]}"#, id: "a-6"))
        #expect(broken.violationCount == 3)
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080", "127.0.0.1", 8080), ("http://example.org/", "example.org", 80),
        ("http://[::1]:90", "::1", 90),
    ])
    func addressesAreRead(text: String, host: String, port: Int) {
        #expect(HTTPAddress(text) == HTTPAddress(host: host, port: port))
    }

    @Test(arguments: [
        "", "127.0.0.1:80", "https://x", "http://", "http://:80", "http://x:0", "http://x:65536", "http://x/y",
    ])
    func aTextThatIsNoAddressGivesNil(text: String) {
        #expect(HTTPAddress(text) == nil)
    }

    @Test func aSampleOfLatenciesKeepsItsBoundAndItsPercentiles() {
        var sample = LatencySample(seed: 1)
        for number in 0..<20_000 { sample.add(.milliseconds(number)) }
        #expect(sample.count == 20_000)
        let middle = sample.percentile(0.5)?.inSeconds ?? 0
        #expect((9...11).contains(middle))
        #expect(LatencySample(seed: 1).percentile(0.5) == nil)
    }
}
