// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

@Suite("Corpus")
struct CorpusTests {
    @Test func everyLineIsRead() {
        #expect(Corpus.lines.count == 164)
        #expect(Corpus.lines.allSatisfy { $0.expected != nil })
        #expect(Set(Corpus.lines.map(\.id)).count == 164)
    }

    @Test(arguments: Corpus.lines)
    func comesToWhatItSays(_ line: CorpusLine) {
        #expect(line.verdict(at: Room.noon).outcome == line.expected, "\(line.id)")
    }

    @Test(arguments: Corpus.lines)
    func refusalLeavesTheWorldUnchanged(_ line: CorpusLine) {
        var world = Fixture.world(at: Room.noon)
        line.applyPrior(before: Room.noon, to: &world)
        let before = world
        let verdict = Judge.judge(Message(decoding: line.message.delivery(at: Room.noon)), in: &world)
        if verdict.reason != nil { #expect(world == before, "\(line.id)") }
    }

    /// The rows that the keys name are enough: the verdict is the same in a world that holds nothing else.
    @Test(arguments: Corpus.lines.filter { !$0.isServers && $0.prior.isEmpty })
    func keysNameEverythingThatIsRead(_ line: CorpusLine) {
        let message = Message(decoding: line.message.delivery(at: Room.noon))
        var whole = Fixture.world(at: Room.noon)
        var part = whole.restricted(to: message.keys)
        #expect(Judge.judge(message, in: &part) == Judge.judge(message, in: &whole), "\(line.id)")
    }

    @Test(arguments: Corpus.lines)
    func samplesAreBoundedAndNameNobody(_ line: CorpusLine) {
        let sample = RefusalSample.masked(line.message.payload)
        #expect(sample.utf8.count <= RefusalSample.largest)
        for word in ["Santos", "Dela Cruz", "Reyes", "Tan\"", "Lopez", "Ana", "Peña", "thesis", "chapter", "evil", "<"]
        {
            #expect(!sample.contains(word), "\(line.id): \(sample)")
        }
        #expect(!sample.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
    }

    @Test(arguments: Corpus.lines.filter { $0.message.topic.hasPrefix("consultease/faculty/1/") })
    func refusalsNameTheUnitThatFloods(_ line: CorpusLine) {
        var world = Fixture.world(at: Room.noon)
        let verdict = Judge.judge(Message(decoding: line.message.delivery(at: Room.noon)), in: &world)
        guard case .refused(let refusal) = verdict, refusal.reason != .unknownTopic else { return }
        #expect(refusal.unit == UnitID("d1-1"), "\(line.id)")
    }
}

extension World {
    /// Returns the part of the world that a store would load for these keys.
    func restricted(to keys: WorldKeys) -> World {
        var part = World()
        part.units = units.filter { keys.units.contains($0.key) }
        var people = keys.faculty
        for unit in part.units.values {
            if let faculty = unit.faculty { people.insert(faculty) }
        }
        if keys.needsProfessorStatusSender, let sender = professorStatusSender {
            part.professorStatusSender = sender
            people.insert(sender)
            let unit = UnitID(dialect1: sender)
            part.units[unit] = units[unit]
        }
        part.faculty = faculty.filter { people.contains($0.key) }
        part.presences = presences.filter { people.contains($0.key) }
        part.boots = boots.filter { keys.boots.contains($0.key) }
        part.consultations = consultations.filter { id, facts in
            keys.consultations.contains(id) || facts.onScreenOf.map(keys.screens.contains) ?? false
        }
        part.appliedAnswers = appliedAnswers.intersection(keys.answers)
        return part
    }
}
