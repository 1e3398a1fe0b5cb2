// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// One request of one client with its answer, from just before the request to just after the answer.
package struct Operation: Sendable {
    /// Its place in the recording, by which violations name it.
    package var id: Int
    /// The client: one person, screen, unit or stream, which does one thing at a time.
    package var client: String
    /// The server that answered.
    package var instance: String
    package var invoked: Moment
    /// Nil if no answer came.
    package var responded: Moment?
    package var kind: Kind

    package enum Kind: Sendable {
        case write(Write)
        case read(Read)
        case frame(Frame)
    }

    package init(
        id: Int, client: String, instance: String = "", invoked: Moment, responded: Moment?, kind: Kind
    ) {
        self.id = id
        self.client = client
        self.instance = instance
        self.invoked = invoked
        self.responded = responded
        self.kind = kind
    }
}

/// One transaction or one message: sets each of its cells, all at one revision.
package struct Write: Sendable {
    package var effects: [Cell: Token]
    /// Identifies a message that may be delivered several times and takes effect once; nil for a separate transaction.
    package var event: String?
    package var outcome: Outcome

    package enum Outcome: Sendable, Hashable {
        /// The write is durable. Without a revision if the answer carries none, such as an MQTT `ack`.
        case committed(RevisionTag?)
        /// An earlier delivery of the same event had been committed; the revision includes it.
        case duplicate(RevisionTag?)
        /// The write did not happen, and never will.
        case failed
        /// The write may have happened.
        case unknown
    }

    package init(_ effects: [Cell: Token], event: String? = nil, outcome: Outcome) {
        self.effects = effects
        self.event = event
        self.outcome = outcome
    }

    /// Whether the commit may share its revision: messages are committed in batches.
    var mayShareRevision: Bool { event != nil }
}

/// One read of one person or of a list; its answer covers some cells.
package struct Read: Sendable {
    package var wants: Freshness
    package var answer: Answer

    package enum Freshness: Sendable, Hashable {
        /// The client wants any committed state that is not older than what it saw or wrote before.
        case any
        case atLeast(RevisionTag)
        /// The client reads the database itself: it must see everything that was answered before the read began.
        case newest
    }

    package enum Answer: Sendable {
        case state(RevisionTag?, [Cell: Token])
        /// The server answered 503.
        case unavailable
        /// The server answered 409: the requested number belongs to another lineage.
        case otherLineage
        /// The read failed, or got no answer.
        case failed
    }

    package init(_ wants: Freshness = .any, _ answer: Answer) {
        self.wants = wants
        self.answer = answer
    }
}

/// One frame of a stream for its subscriber.
package struct Frame: Sendable {
    package var kind: Kind
    package var tag: RevisionTag
    package var values: [Cell: Token]

    package enum Kind: Sendable, Hashable {
        /// The frame holds everything.
        case snapshot
        /// The frame holds the differences from the frame before.
        case change
        /// The subscriber must forget everything: a snapshot follows.
        case reset
    }

    package init(_ kind: Kind, _ tag: RevisionTag, _ values: [Cell: Token] = [:]) {
        self.kind = kind
        self.tag = tag
        self.values = values
    }
}

extension Operation {
    /// The revision in the answer, of any kind.
    var tag: RevisionTag? {
        switch kind {
        case .write(let write):
            switch write.outcome {
            case .committed(let tag), .duplicate(let tag): tag
            case .failed, .unknown: nil
            }
        case .read(let read):
            if case .state(let tag, _) = read.answer { tag } else { nil }
        case .frame(let frame): frame.tag
        }
    }

    var write: Write? {
        if case .write(let write) = kind { write } else { nil }
    }

    var read: Read? {
        if case .read(let read) = kind { read } else { nil }
    }
}

extension Operation: CustomStringConvertible {
    /// A text such as `#7 anna@b [1.204…1.377] wrote 3.room = t9 → lineage-12`.
    package var description: String {
        let place = instance.isEmpty ? client : "\(client)@\(instance)"
        return "#\(id) \(place) [\(invoked)…\(responded?.description ?? "never")] \(said)"
    }

    private var said: String {
        switch kind {
        case .write(let write):
            let event = write.event.map { " by event \($0)" } ?? ""
            return "wrote \(listed(write.effects))\(event) → \(answered(write.outcome))"
        case .read(let read):
            let wants =
                switch read.wants {
                case .any: ""
                case .atLeast(let tag): " at least \(tag)"
                case .newest: " the database"
                }
            return "read\(wants) → \(answered(read.answer))"
        case .frame(let frame):
            return "was sent \(frame.kind) \(frame.tag): \(listed(frame.values))"
        }
    }

    private func answered(_ outcome: Write.Outcome) -> String {
        switch outcome {
        case .committed(let tag): tag?.description ?? "committed"
        case .duplicate(let tag): "duplicate" + (tag.map { " at \($0)" } ?? "")
        case .failed: "failed"
        case .unknown: "outcome unknown"
        }
    }

    private func answered(_ answer: Read.Answer) -> String {
        switch answer {
        case .state(let tag, let values): (tag.map { "\($0): " } ?? "") + listed(values)
        case .unavailable: "503"
        case .otherLineage: "409"
        case .failed: "no answer"
        }
    }

    private func listed(_ values: [Cell: Token]) -> String {
        let pairs = values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        return pairs.count > 6
            ? pairs.prefix(6).joined(separator: ", ") + " and \(pairs.count - 6) more" : pairs.joined(separator: ", ")
    }
}
