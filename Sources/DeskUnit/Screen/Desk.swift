// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The state of a unit's desk: the requests, the last press, and the database's answer to it.
///
/// A new request joins the line and never replaces the first one. If the first one is withdrawn, its panel stays and
/// says so, and for a second the keys do nothing, so that a press already under way has no effect.
struct Desk: Equatable, Sendable {
    /// The requests in the order of the line; the panel shows the first.
    private(set) var requests: [Request] = []
    private(set) var stage: Stage = .line
    /// Whether the owner has put the line aside: the idle panel shows although a student waits.
    private(set) var isLineAside = false

    /// More than any server sends. The unit ignores further requests, and the server may send them again.
    static let limit = 20
    static let lateTouch: UInt64 = 1_000
    static let resultStays: UInt64 = 20_000

    enum Stage: Equatable, Sendable {
        /// The panel shows the line, which may be empty.
        case line
        /// The owner pressed an answer, and the database has not confirmed it yet.
        case sending(Pressed, at: Uptime)
        case stored(Pressed, at: Uptime)
        case notStored(Pressed, reason: [UInt8], at: Uptime)
        case withdrawn(student: [UInt8], at: Uptime)
        /// The unit had no room to keep the press.
        case full(at: Uptime)
    }

    struct Pressed: Equatable, Sendable {
        var consultation: [UInt8]
        var student: [UInt8]
        var answer: Answer
    }

    /// Adds or updates a request. Returns true if it is new, so that the unit can report it as shown.
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

    /// Removes the requests that aren't in `waiting`, and sorts the rest in its order; the one on the panel stays
    /// first.
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

    /// Removes the first request after an answer; the panel shows what happens to the answer.
    mutating func answered(_ answer: Answer, at now: Uptime) {
        let request = requests.removeFirst()
        stage = .sending(
            Pressed(consultation: request.consultation, student: request.student, answer: answer), at: now)
    }

    mutating func noRoom(at now: Uptime) {
        stage = .full(at: now)
    }

    /// Shows the database's answer to a press. Nothing changes if the panel shows something else.
    mutating func settled(_ consultation: [UInt8], refusedFor reason: [UInt8]?, at now: Uptime) {
        guard case .sending(let pressed, _) = stage, pressed.consultation == consultation else { return }
        stage = reason.map { .notStored(pressed, reason: $0, at: now) } ?? .stored(pressed, at: now)
    }

    /// Shows the line again.
    mutating func next() {
        stage = .line
        isLineAside = false
    }

    mutating func putAside() {
        stage = .line
        isLineAside = true
    }

    /// Closes a result after 20 s if the person doesn't, and also an answer that is not stored yet if another student
    /// waits. Returns whether anything changed.
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
