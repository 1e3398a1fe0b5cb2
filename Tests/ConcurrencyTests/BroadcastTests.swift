// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Testing

@Suite("Broadcast: one element to every stream")
struct BroadcastTests {
    @Test func everyStreamGetsWhatIsSentFromThenOn() async {
        let broadcast = Broadcast<Int>()
        broadcast.send(1)
        var (first, second) = (broadcast.stream().makeAsyncIterator(), broadcast.stream().makeAsyncIterator())
        broadcast.send(2)
        #expect(await first.next() == 2)
        #expect(await second.next() == 2)
    }

    @Test func aReaderThatIsBehindGetsTheNewestElementAlone() async {
        let broadcast = Broadcast<Int>()
        var reader = broadcast.stream().makeAsyncIterator()
        for number in 1...1000 { broadcast.send(number) }
        #expect(await reader.next() == 1000)
        broadcast.finish()
        #expect(await reader.next() == nil)
    }

    @Test func streamsEndWithItAndALaterOneEndsAtOnce() async {
        let broadcast = Broadcast<Int>()
        var early = broadcast.stream().makeAsyncIterator()
        broadcast.finish()
        broadcast.send(1)
        var late = broadcast.stream().makeAsyncIterator()
        #expect(await early.next() == nil)
        #expect(await late.next() == nil)
    }
}
