// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing
import Wire

@testable import Service

@Suite("Messages that wait for a locked row")
struct HeldBackTests {
    private func arrival(_ number: Int, on topic: String? = nil, qos0: Bool = false) -> DecodedArrival {
        DecodedArrival(
            Arrival(
                Delivery(
                    topic: topic ?? "consultease/faculty/\(number)/status", payload: [], isRetained: false,
                    arrivedAt: Timestamp(milliseconds: Int64(number))), mayBeDisplaced: qos0))
    }

    private func unit(_ name: String) -> HeldBack.Key { .unit(UnitID(name) ?? UnitID(dialect1: .number(1))) }

    private func numbers(_ arrivals: [DecodedArrival]) -> [Int64] {
        arrivals.map { $0.delivery.arrivedAt.milliseconds }
    }

    @Test func groupsKeepTheirOrderAndLeaveOthersAlone() throws {
        var held = HeldBack()
        _ = held.hold(arrival(1), [.faculty(.number(1)), unit("a")])
        _ = held.hold(arrival(2), [.faculty(.number(2))])
        _ = held.hold(arrival(3), [.faculty(.number(1))])
        #expect(held.count == 3 && held.groups.count == 2)
        #expect(held.concerns([unit("a")]) && !held.concerns([unit("b")]) && !held.concerns([]))
        #expect(held.oldest == Timestamp(milliseconds: 1))
        let group = try #require(held.groups.first { numbers($0.arrivals) == [1, 3] })
        held.drop(1, of: group)
        #expect(held.groups.map { numbers($0.arrivals) }.sorted { $0[0] < $1[0] } == [[2], [3]])
        #expect(numbers(held.takeAll()) == [2, 3])
        #expect(held.isEmpty)
    }

    /// A unit that was moved to another desk belongs to the groups of two people.
    @Test func groupsThatMeetBecomeOneInTheOrderOfArrival() throws {
        var held = HeldBack()
        _ = held.hold(arrival(1), [.faculty(.number(1))])
        _ = held.hold(arrival(2), [.faculty(.number(2)), unit("a")])
        _ = held.hold(arrival(3), [.faculty(.number(1))])
        _ = held.hold(arrival(4), [.faculty(.number(1)), unit("a")])
        #expect(held.groups.map { numbers($0.arrivals) } == [[1, 2, 3, 4]])
        let group = try #require(held.groups.first)
        held.drop(4, of: group)
        #expect(held.isEmpty && held.oldest == nil)
    }

    @Test func aMessageThatNamesNoPersonWaitsAlone() {
        var held = HeldBack()
        _ = held.hold(arrival(1), [])
        _ = held.hold(arrival(2), [])
        #expect(held.groups.map { numbers($0.arrivals) } == [[1], [2]])
    }

    /// Promise 5: the flood of a unit with a locked row doesn't use the room of all others.
    @Test func aHeldBackFloodDisplacesItsOwnMessages() {
        var held = HeldBack(limits: QueueLimits(messages: 100, laneMessages: 5))
        _ = held.hold(arrival(1), [unit("a")])
        var displaced: [DecodedArrival] = []
        for number in 2...30 {
            displaced += held.hold(arrival(number, on: "consultease/faculty/1/status", qos0: true), [unit("a")])
        }
        for number in 31...60 {
            displaced += held.hold(arrival(number, on: "consultease/faculty/1/responses", qos0: true), [unit("a")])
        }
        #expect(numbers(displaced) == Array(2...25) + Array(36...60))
        #expect(numbers(held.takeAll()) == [1] + Array(26...35))
    }
}
