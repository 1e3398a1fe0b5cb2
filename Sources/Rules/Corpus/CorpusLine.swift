// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Wire

/// One line of a corpus in the form of `wire/corpus.jsonl`: a message, the messages before it, and the expected
/// outcome.
package struct CorpusLine: Hashable, Sendable {
    package var id: String
    package var message: Publication
    /// Whether a server sent it (origin `central`), so that it is judged as its topic's reader would.
    package var isServers: Bool
    /// The live messages applied before it, and how long before.
    package var prior: [Prior]
    /// Nil if the line has no expectation.
    package var expected: Outcome?

    package struct Publication: Hashable, Sendable {
        package var topic: String
        package var payload: [UInt8]
        /// True for the broker's retained copy, delivered at subscribe with the flag set.
        package var isOnSubscribe: Bool

        package init(topic: String, payload: [UInt8], isOnSubscribe: Bool) {
            self.topic = topic
            self.payload = payload
            self.isOnSubscribe = isOnSubscribe
        }
    }

    package struct Prior: Hashable, Sendable {
        package var message: Publication
        package var ago: Span

        package init(message: Publication, ago: Span) {
            self.message = message
            self.ago = ago
        }
    }

    /// The fields of `expect` that are compared.
    package struct Outcome: Hashable, Sendable {
        package var accepted: Bool
        package var faculty: FacultyID?
        package var present: Bool?
        package var consultation: ConsultationID?
        package var newStatus: ConsultationStatus?

        package init(
            accepted: Bool, faculty: FacultyID? = nil, present: Bool? = nil, consultation: ConsultationID? = nil,
            newStatus: ConsultationStatus? = nil
        ) {
            self.accepted = accepted
            self.faculty = faculty
            self.present = present
            self.consultation = consultation
            self.newStatus = newStatus
        }

        package init(_ verdict: Verdict) {
            switch verdict {
            case .accepted(let acceptance):
                self.init(
                    accepted: true, faculty: acceptance.faculty, present: acceptance.present,
                    consultation: acceptance.consultation, newStatus: acceptance.newStatus)
            case .refused(let refusal):
                self.init(accepted: false, faculty: refusal.faculty, consultation: refusal.consultation)
            }
        }
    }
}

/// Why a line of a corpus can't be read.
package struct CorpusLineError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension CorpusLine {
    /// Judges the line in the fixture, after applying its `prior` messages.
    package func verdict(at now: Timestamp) -> Verdict {
        var world = Fixture.world(at: now)
        return verdict(at: now, in: &world)
    }

    /// Judges the line in the given world, for callers that examine what it leaves there.
    package func verdict(at now: Timestamp, in world: inout World) -> Verdict {
        applyPrior(before: now, to: &world)
        let delivery = message.delivery(at: now)
        if isServers { return Judge.judge(ServerMessage(decoding: delivery), in: world) }
        return Judge.judge(Message(decoding: delivery), in: &world)
    }

    package func applyPrior(before now: Timestamp, to world: inout World) {
        for earlier in prior {
            _ = Judge.judge(Message(decoding: earlier.message.delivery(at: now - earlier.ago)), in: &world)
        }
    }
}

extension CorpusLine.Publication {
    package func delivery(at moment: Timestamp) -> Delivery {
        Delivery(topic: topic, payload: payload, isRetained: isOnSubscribe, arrivedAt: moment)
    }
}
