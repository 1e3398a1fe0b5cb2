// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import Randomness
import Rules
import SQL
import Service
import Store
import Synchronization
import TestSupport
import Wire

/// The writing clients: each does one thing at a time, by a plan from its own seed.
struct HistoryWriters: Sendable {
    let recorder: HistoryRecorder
    let instances: [Instance]
    let ticker: Ticker

    /// Gives each caller a moment of its own, which makes each override and each sensed state a separate token.
    final class Ticker: Sendable {
        private let last: Mutex<Timestamp>
        private let time: ManualTime

        init(_ time: ManualTime) {
            self.time = time
            last = Mutex(time.now())
        }

        func next() -> Timestamp {
            last.withLock { last in
                time.advance(by: Span(milliseconds: 1))
                last = last + Span(milliseconds: 1)
                return last
            }
        }
    }

    /// A person at a browser, who writes overrides, rooms, and transactions over several people on any instance, and
    /// then reads what was written.
    func person(_ name: String, seed: UInt64, writes: Int) async {
        var generator = SeededGenerator(seed: seed)
        for number in 0..<writes {
            let instance = instances[Int.random(in: 0..<instances.count, using: &generator)]
            let written: RevisionTag?
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4:
                let id = Cast.words[Int.random(in: 0..<Cast.words.count, using: &generator)]
                let word = OverrideWord.allCases[Int.random(in: 0..<OverrideWord.allCases.count, using: &generator)]
                let until = ticker.next() + .minutes(60)
                written = await write(name, instance, [Cast.shown(id): Cast.word(word, until: until)]) {
                    try await instance.commands.statuses.setOverride(word, until: until, for: id)
                }
            case 4..<7:
                let id = Cast.all[Int.random(in: 0..<Cast.all.count, using: &generator)]
                let room = "\(name)-\(number)"
                written = await write(name, instance, [Cast.room(id): Token(room)]) {
                    try await instance.commands.people.change(id, [.room: room]).revision
                }
            default:
                let most = Int.random(in: 2...4, using: &generator)
                let people = Array(Cast.all.shuffled(using: &generator).prefix(most))
                let room = "\(name)-\(number)"
                let effects = Dictionary(uniqueKeysWithValues: people.map { (Cast.room($0), Token(room)) })
                written = await write(name, instance, effects) {
                    try await instance.store.write { transaction in
                        for id in people {
                            try transaction.connection.execute(
                                "UPDATE faculty SET room = \(room), version = version + 1 WHERE id = \(id)")
                        }
                    }.revision
                }
            }
            if let written {
                let other = instances[Int.random(in: 0..<instances.count, using: &generator)]
                await HistoryReaders(recorder: recorder).read(name, other, .atLeast(written))
            }
        }
    }

    private func write(
        _ client: String, _ instance: Instance, _ effects: [Cell: Token], _ body: () async throws -> Revision
    ) async -> RevisionTag? {
        let id = recorder.ask(client, instance.name, .write(Write(effects, outcome: .unknown)))
        do {
            let tag = instance.tag(try await body())
            recorder.answer(id, .write(Write(effects, outcome: .committed(tag))))
            return tag
        } catch let error as SQLError where error.code == .unknownOutcome {
            recorder.answer(id, .write(Write(effects, outcome: .unknown)))
        } catch {
            recorder.answer(id, .write(Write(effects, outcome: .failed)))
        }
        return nil
    }

    /// Another process at a shell: its answer has no revision, and an error may come before or after the commit.
    func outsider(_ fixture: StoreFixture, writes: Int) async {
        for number in 0..<writes {
            let person = Cast.all[number % Cast.all.count]
            let room = "shell-\(number)"
            let effects = [Cast.room(person): Token(room)]
            let id = recorder.ask("shell", "", .write(Write(effects, outcome: .unknown)))
            do {
                _ = try await fixture.outside(
                    "UPDATE faculty SET room = '\(room)', version = version + 1 WHERE id = \(person)")
                recorder.answer(id, .write(Write(effects, outcome: .committed(nil))))
            } catch {
                recorder.answer(id, .write(Write(effects, outcome: .unknown)))
            }
        }
    }

    /// A desk unit behind a broker. It sends `events` presses in rounds of a few, which arrive in order. Some are
    /// delivered twice; those that are not acknowledged when the leader changes are delivered again to the next one.
    func unit(of person: FacultyID, seed: UInt64, events: Int, _ seat: IngestSeat) async throws {
        var generator = SeededGenerator(seed: seed)
        var pending: [UnitPress] = []
        var sent = 0
        while sent < events || !pending.isEmpty {
            while sent < events, pending.count < 4 {
                sent += 1
                pending.append(UnitPress(person: person, seq: sent, at: ticker.next()))
            }
            try await eventually("an instance leads") { seat.current != nil }
            let term = seat.terms
            guard let ingest = seat.current else { continue }
            let twice = Bool.random(using: &generator) ? pending.randomElement(using: &generator) : nil
            for press in pending { await deliver(press, to: ingest) }
            if let twice { await deliver(twice, to: ingest) }
            let round = pending
            try await eventually("the round is acknowledged, or the leader gone") {
                round.allSatisfy(\.isAcknowledged) || seat.terms != term || seat.current == nil
            }
            pending.removeAll(where: \.isAcknowledged)
        }
    }

    private func deliver(_ press: UnitPress, to ingest: Ingest) async {
        let client = "unit-\(press.person)"
        let id = recorder.ask(client, "", .write(Write(press.effects, event: press.name, outcome: .unknown)))
        await ingest.submit(
            Arrival(press.delivery) { [recorder, lineage = instances[0].store.lineage] settlement in
                guard case .committed(.accepted(let acceptance), let revision) = settlement else { return }
                // An `ack` over MQTT contains no revision.
                let tag =
                    press.isToldRevision ? RevisionTag(lineage: lineage, revision: revision) : nil
                recorder.answer(
                    id,
                    .write(
                        Write(
                            press.effects, event: press.name,
                            outcome: acceptance.isDuplicate ? .duplicate(tag) : .committed(tag))))
                press.acknowledge()
            })
    }
}

/// One event of a desk unit, and whether it was acknowledged.
final class UnitPress: Sendable {
    let person: FacultyID
    let effects: [Cell: Token]
    let delivery: Delivery
    let name: String
    private let acknowledged = Atomic(false)

    /// Makes an event. Odd ones report present, even ones absent, so each begins a new state.
    init(person: FacultyID, seq: Int, at moment: Timestamp) {
        self.person = person
        let isPresent = seq % 2 == 1
        effects = [Cast.shown(person): Cast.presence(isPresent, since: moment)]
        name = "\(person)/\(seq)"
        let payload = #"{"boot":"b0000001","seq":\#(seq),"type":"presence","present":\#(isPresent)}"#
        delivery = Delivery(
            topic: "consultease/v2/unit/desk-\(person)/event", payload: Array(payload.utf8), isRetained: false,
            arrivedAt: moment)
    }

    /// Whether the caller learns the revision, as callers in the same process do.
    var isToldRevision: Bool { person != Cast.units[0] }

    var isAcknowledged: Bool { acknowledged.load(ordering: .acquiring) }

    func acknowledge() { acknowledged.store(true, ordering: .releasing) }
}
