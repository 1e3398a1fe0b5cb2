// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What is on a unit's desk: who asks, what was pressed, what the database said of it.
///
/// A new request joins the line and never takes the place of the one on top. If that one is withdrawn its panel stays
/// and says so, and for a second no key does anything: a press that was already on its way hits nothing.
struct Desk: Equatable, Sendable {
    /// In the order of the line, the one on the panel first.
    private(set) var requests: [Request] = []
    private(set) var stage: Stage = .line
    /// Whether the line is put aside: the idle panel shows although a student waits.
    private(set) var isLineAside = false

    /// More than any server sends; beyond it a request stays the server's to send again.
    static let limit = 20
    static let lateTouch: UInt64 = 1_000
    static let resultStays: UInt64 = 20_000

    enum Stage: Equatable, Sendable {
        /// The line, possibly empty.
        case line
        /// An answer was pressed; the database has not said that it holds it.
        case sending(Pressed, at: Uptime)
        case stored(Pressed, at: Uptime)
        case notStored(Pressed, reason: [UInt8], at: Uptime)
        case withdrawn(student: [UInt8], at: Uptime)
        /// There was no room to keep the press.
        case full(at: Uptime)
    }

    struct Pressed: Equatable, Sendable {
        var consultation: [UInt8]
        var student: [UInt8]
        var answer: Answer
    }

    /// Whether it is new, so that it can be shown.
    mutating func add(_ request: Request) -> Bool {
        if let index = index(of: request.consultation) {
            requests[index] = request
            return false
        }
        guard requests.count < Self.limit else { return false }
        requests.append(request)
        if requests.count == 1 { isLineAside = false }
        return true
    }

    mutating func cancel(_ consultation: [UInt8], at now: Uptime) {
        guard let index = index(of: consultation) else { return }
        let request = requests.remove(at: index)
        if index == 0, stage == .line, !isLineAside { stage = .withdrawn(student: request.student, at: now) }
    }

    /// What isn't in `waiting` leaves; the rest takes its order, but for the one on top, which keeps its place.
    mutating func order(_ waiting: [[UInt8]], at now: Uptime) {
        for request in requests where !waiting.contains(request.consultation) {
            cancel(request.consultation, at: now)
        }
        let top = stage == .line && !isLineAside ? requests.first : nil
        var ordered: [Request] = []
        if let top { ordered.append(top) }
        for id in waiting where id != top?.consultation {
            if let index = index(of: id) { ordered.append(requests[index]) }
        }
        requests = ordered
    }

    /// The one on top is answered: it leaves the line, and the panel says what becomes of the answer.
    mutating func answered(_ answer: Answer, at now: Uptime) {
        let request = requests.removeFirst()
        stage = .sending(
            Pressed(consultation: request.consultation, student: request.student, answer: answer), at: now)
    }

    mutating func noRoom(at now: Uptime) {
        stage = .full(at: now)
    }

    /// The database's word on an answer. One that the panel no longer speaks of changes nothing.
    mutating func settled(_ consultation: [UInt8], refusedFor reason: [UInt8]?, at now: Uptime) {
        guard case .sending(let pressed, _) = stage, pressed.consultation == consultation else { return }
        stage = reason.map { .notStored(pressed, reason: $0, at: now) } ?? .stored(pressed, at: now)
    }

    /// Back to the line.
    mutating func next() {
        stage = .line
        isLineAside = false
    }

    mutating func putAside() {
        stage = .line
        isLineAside = true
    }

    /// A result that the person doesn't close gives way after 20 s; so does an answer that is still on its way, if
    /// another student asks. Whether anything changed.
    mutating func timePassed(at now: Uptime) -> Bool {
        switch stage {
        case .line, .withdrawn: return false
        case .sending(_, let since):
            guard !requests.isEmpty, now.elapsed(since: since) >= Self.resultStays else { return false }
            next()
            return true
        case .stored(_, let since), .notStored(_, _, let since), .full(let since):
            guard now.elapsed(since: since) >= Self.resultStays else { return false }
            next()
            return true
        }
    }

    private func index(of consultation: [UInt8]) -> Int? {
        requests.firstIndex { $0.consultation == consultation }
    }
}
