// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A dialect 2 desk unit: bytes in, bytes out.
///
/// It keeps every event until the database acknowledges it. The panel says *Sending* until then, and *Stored* only
/// afterwards. The unit takes answers without contact as well as with it. `now` is the unit's uptime and never goes
/// back between two starts.
package struct UnitMachine2: Sendable {
    package let configuration: UnitConfiguration2
    package let boot: BootName
    var sense: PresenceSense
    var outbox: EventOutbox
    var desk = Desk()
    /// When contact was lost, or the unit started; nil while the unit has contact.
    var silentSince: Uptime?
    private var lastBeatAt: Uptime?
    private(set) var name: [UInt8] = []
    /// The owner's availability on screens, from the last `status` command; empty before the first.
    private(set) var availability: [UInt8] = []
    private(set) var clock: WallClock?
    private(set) var isQuiet = false
    private var weakestSignal: Int8 = .min
    /// In quiet hours: when the panel, woken by a press, goes dark again.
    var awakeUntil: Uptime?
    /// Without contact: whether the panel shows the line of requests rather than the fault.
    var showsLineOffline = false

    package static let beatEvery: UInt64 = 30_000

    /// Makes a unit that has just started.
    ///
    /// - Parameter former: the same unit before its restart; its unacknowledged answers are kept.
    package init(
        configuration: UnitConfiguration2, boot: BootName, at now: Uptime = Uptime(milliseconds: 0),
        after former: UnitMachine2? = nil
    ) {
        self.configuration = configuration
        self.boot = boot
        sense = PresenceSense(awayAfter: former?.sense.awayAfter ?? configuration.awayAfter)
        outbox = EventOutbox(boot: boot, keeping: former?.outbox.entries ?? [])
        silentSince = now
    }

    /// The message that the broker publishes if the unit's connection ends without a DISCONNECT.
    package var will: UnitMessage {
        var json = JSONWriter()
        json.flag("online", false)
        json.text("boot", boot.hex)
        return UnitMessage(
            topic: configuration.stateTopic, payload: json.finished, isAtLeastOnce: true, isRetained: true)
    }

    /// The number of events that the database has not acknowledged.
    package var unacknowledgedCount: Int { outbox.entries.count }

    package var isPresent: Bool { sense.state == .present }

    /// Handles one input and returns the actions for the shell.
    package mutating func handle(_ input: UnitInput, at now: Uptime) -> [UnitAction] {
        switch input {
        case .connected: return connected(at: now)
        case .disconnected:
            if silentSince == nil { silentSince = now }
            outbox.connectionLost()
            return [.screenChanged]
        case .message(let topic, let payload):
            guard topic == configuration.subscription, let command = Command(payload) else { return [] }
            return obey(command, at: now) + send(at: now)
        case .pressed(let key, let press): return pressed(key, press, at: now) + send(at: now) + [.screenChanged]
        case .beaconSeen(let rssi):
            if let rssi, rssi < weakestSignal { return handle(.beaconLost, at: now) }
            return sensed(sense.seen(), at: now)
        case .beaconLost: return sensed(sense.missed(at: now), at: now)
        case .tick: return ticked(at: now)
        }
    }

    private mutating func connected(at now: Uptime) -> [UnitAction] {
        silentSince = nil
        showsLineOffline = false
        if lastBeatAt == nil { lastBeatAt = now }
        var json = JSONWriter()
        json.flag("online", true)
        json.text("boot", boot.hex)
        json.text("fw", configuration.firmware)
        json.number("proto", UInt64(2))
        let state = UnitMessage(
            topic: configuration.stateTopic, payload: json.finished, isAtLeastOnce: true, isRetained: true)
        // The will may have made the owner's presence unknown, so the unit reports it again.
        reportPresence(at: now)
        return [.publish(state)] + send(at: now) + [.screenChanged]
    }

    private mutating func obey(_ command: Command, at now: Uptime) -> [UnitAction] {
        switch command {
        case .ack(let boot, let seq, let result):
            guard let kind = outbox.acknowledge(boot: boot, seq: seq) else { return [] }
            guard case .answer(let consultation) = kind else { return [] }
            switch result {
            case .stored, .duplicate: desk.settled(consultation, refusedFor: nil, at: now)
            case .refused(let reason): desk.settled(consultation, refusedFor: reason, at: now)
            }
        case .show(let request):
            guard !outbox.contains(.answer(consultation: request.consultation)), desk.add(request) else { return [] }
            _ = outbox.add(.shown, at: now) { json in
                json.text("type", "shown")
                json.raw("consultation", request.consultation)
            }
        case .cancel(let consultation): desk.cancel(consultation, at: now)
        case .queue(let waiting): desk.order(waiting, at: now)
        case .status(let availability): self.availability = availability
        case .config(let settings):
            if let name = settings.name { self.name = name }
            if let awayAfter = settings.awayAfter { sense.awayAfter = awayAfter }
            if let isQuiet = settings.isQuiet { self.isQuiet = isQuiet }
            if let weakest = settings.weakestSignal { weakestSignal = weakest }
        case .time(let utc, let offset):
            clock = WallClock(utc: utc, offsetMinutes: offset, setAt: now)
        }
        return [.screenChanged]
    }

    /// Stores the owner's answer to the first request.
    mutating func answer(_ answer: Answer, at now: Uptime) {
        guard let request = desk.requests.first else { return }
        let isKept = outbox.add(.answer(consultation: request.consultation), at: now) { json in
            json.text("type", "answer")
            json.raw("consultation", request.consultation)
            json.text("answer", answer.word)
            if case .later(let minutes) = answer { json.number("minutes", UInt64(minutes)) }
        }
        guard isKept else { return desk.noRoom(at: now) }
        // The server takes the press as evidence of presence, and so does the unit.
        _ = sense.pressed(at: now)
        desk.answered(answer, at: now)
    }

    /// Handles a press that only says that the owner is here.
    mutating func vouch(at now: Uptime) {
        _ = sense.pressed(at: now)
        reportPresence(at: now)
    }

    private mutating func sensed(_ change: PresenceSense.Change?, at now: Uptime) -> [UnitAction] {
        switch change {
        case .arrived, .left: reportPresence(at: now)
        case .graceBegan, .graceEnded, nil: return []
        }
        return send(at: now) + [.screenChanged]
    }

    private mutating func reportPresence(at now: Uptime) {
        guard sense.state != .unknown else { return }
        let (isPresent, isInGrace) = (sense.state == .present, sense.isInGrace)
        _ = outbox.add(.presence, at: now) { json in
            json.text("type", "presence")
            json.flag("present", isPresent)
            if isInGrace { json.flag("grace", true) }
        }
    }

    private mutating func ticked(at now: Uptime) -> [UnitAction] {
        var actions = sensed(sense.timePassed(at: now), at: now)
        if silentSince == nil, let last = lastBeatAt, now.elapsed(since: last) >= Self.beatEvery {
            lastBeatAt = now
            // A beat that was never acknowledged is sent again by itself; a second one would add nothing.
            if !outbox.contains(.beat) {
                _ = outbox.add(.beat, at: now) { json in json.text("type", "beat") }
            }
        }
        actions += send(at: now)
        if desk.timePassed(at: now) || changesWithTime(at: now) { actions.append(.screenChanged) }
        return actions
    }

    private mutating func send(at now: Uptime) -> [UnitAction] {
        guard silentSince == nil else { return [] }
        var actions: [UnitAction] = []
        for payload in outbox.due(at: now) {
            actions.append(
                .publish(
                    UnitMessage(
                        topic: configuration.topic("event"), payload: payload, isAtLeastOnce: true, isRetained: false)))
        }
        return actions
    }
}
