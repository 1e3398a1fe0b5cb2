// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Decides what the panel shows and what the keys below it do. One decision serves both, so a label always tells what
/// its key does.
extension UnitMachine2 {
    /// The panel doesn't report a contact lost for less than this, in ms.
    static let contactGrace: UInt64 = 5_000
    static let wakeStays: UInt64 = 30_000

    private enum View {
        case dark
        case noContact(since: Uptime)
        case result(Desk.Stage)
        case asks(Request)
        case idle
    }

    private func view(at now: Uptime) -> View {
        if isQuiet, awakeUntil.map({ now >= $0 }) ?? true { return .dark }
        if let since = silentSince, now.elapsed(since: since) >= Self.contactGrace, !showsLineOffline {
            return .noContact(since: since)
        }
        switch desk.stage {
        case .line: break
        case .sending, .stored, .notStored, .withdrawn, .full: return .result(desk.stage)
        }
        if let request = desk.requests.first, !desk.isLineAside { return .asks(request) }
        return .idle
    }

    /// Returns whether a key press would answer a request now.
    package func isAsking(at now: Uptime) -> Bool {
        if case .asks = view(at: now) { return true }
        return false
    }

    /// Returns whether the panel may have changed by time alone: a clock, an age, or a contact that has been lost long
    /// enough.
    func changesWithTime(at now: Uptime) -> Bool {
        let second = Decimal.remainder(now.milliseconds, 1_000)
        return second < 250 && (clock != nil || silentSince != nil || awakeUntil != nil)
    }

    mutating func pressed(_ key: Key, _ press: Press, at now: Uptime) -> [UnitAction] {
        let view = view(at: now)
        if isQuiet { awakeUntil = now + Self.wakeStays }
        switch view {
        case .dark: break
        case .noContact:
            guard key == .left else { break }
            showsLineOffline = true
        case .result(let stage): close(stage, key, at: now)
        case .asks: answer(Answer(key, press), at: now)
        case .idle:
            guard key == .left else { break }
            if desk.requests.isEmpty { vouch(at: now) } else { desk.next() }
        }
        return []
    }

    private mutating func close(_ stage: Desk.Stage, _ key: Key, at now: Uptime) {
        switch stage {
        case .line: break
        case .sending(_, let since):
            // While an answer can't be stored yet, the owner may still turn to the next student.
            if key == .left, !desk.requests.isEmpty, now.elapsed(since: since) >= Desk.lateTouch { desk.next() }
        case .withdrawn(_, let since):
            if key == .left, now.elapsed(since: since) >= Desk.lateTouch { desk.next() }
        case .stored, .notStored, .full:
            if key == .left { desk.next() } else { desk.putAside() }
        }
    }

    /// Returns the contents of the panel at `now`.
    package func panel(at now: Uptime) -> Panel {
        switch view(at: now) {
        case .dark: return Panel(ground: .dark, title: [])
        case .noContact(let since): return noContact(since: since, at: now)
        case .result(let stage): return result(stage, at: now)
        case .asks(let request): return asks(request, at: now)
        case .idle: return idle(at: now)
        }
    }

    func headed(at now: Uptime) -> Panel {
        let (ground, title) = Panel.Ground.named(availability)
        return Panel(ground: ground, title: title, corner: clock?.text(at: now) ?? [])
    }

    private func idle(at now: Uptime) -> Panel {
        var panel = headed(at: now)
        let owner = name.isEmpty ? configuration.unit : name
        if desk.requests.isEmpty {
            panel.lines = [Panel.Line(.name, owner), Panel.Line(.second, ascii("Nobody waits"))]
            panel.left = Panel.KeyLabel(ascii("I am here"), hint: ascii("beacon flat or lost"))
        } else {
            panel.lines = [Panel.Line(.name, owner), Panel.Line(.second, Desk.waiting(desk.requests.count))]
            panel.left = Panel.KeyLabel(ascii("Queue"), hint: desk.requests.first?.student ?? [])
        }
        return panel
    }

    private func asks(_ request: Request, at now: Uptime) -> Panel {
        var panel = headed(at: now)
        var place = ascii("1 of ") + Decimal.digits(UInt64(desk.requests.count))
        if !request.topic.isEmpty { place += ascii(" · ") + request.topic }
        if let age = age(of: request, at: now) { place += ascii("   ") + age }
        panel.lines = [
            Panel.Line(.second, place), Panel.Line(.name, request.student), Panel.Line(.body, request.text),
        ]
        panel.left = Panel.KeyLabel(ascii("Come now"), hint: ascii("hold: in 10 min"))
        panel.right = Panel.KeyLabel(ascii("Busy"), hint: ascii("hold: in 1 h"))
        return panel
    }

    private func age(of request: Request, at now: Uptime) -> [UInt8]? {
        guard let clock, let askedAt = request.askedAt, clock.utc(at: now) >= askedAt else { return nil }
        return Desk.minutes(clock.utc(at: now) - askedAt)
    }

    private func noContact(since: Uptime, at now: Uptime) -> Panel {
        var panel = Panel(ground: .fault, title: ascii("No contact"))
        panel.corner = Desk.minutes(now.elapsed(since: since))
        let count = outbox.answerCount
        panel.lines = [
            Panel.Line(.name, ascii("Your answers are kept here and sent later")),
            Panel.Line(
                .second,
                count == 0
                    ? ascii("No answer waits")
                    : Decimal.digits(UInt64(count)) + ascii(count == 1 ? " answer waits" : " answers wait")),
        ]
        let asOf = clock.map { ascii("as of ") + $0.text(at: since) } ?? []
        panel.left = Panel.KeyLabel(ascii("Queue"), hint: asOf)
        return panel
    }
}

extension Panel.Ground {
    /// Returns the ground and the text for the availability that screens show for the owner.
    fileprivate static func named(_ availability: [UInt8]) -> (Panel.Ground, [UInt8]) {
        if availability == ascii("available") { return (.available, ascii("Available")) }
        if availability == ascii("busy") { return (.busy, ascii("Busy")) }
        if availability == ascii("in-consultation") { return (.inConsultation, ascii("In consultation")) }
        if availability == ascii("away") { return (.neutral, ascii("Away")) }
        if availability == ascii("out") { return (.neutral, ascii("Out")) }
        return (.neutral, ascii("Unknown"))
    }
}

extension Desk {
    /// Returns a time such as `4 min`, rounded down.
    fileprivate static func minutes(_ milliseconds: UInt64) -> [UInt8] {
        Decimal.digits(UInt64(UInt32(clamping: milliseconds) / 60_000)) + ascii(" min")
    }

    fileprivate static func waiting(_ count: Int) -> [UInt8] {
        Decimal.digits(UInt64(count)) + ascii(count == 1 ? " waits" : " wait")
    }
}
