// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A dialect 1 desk unit that behaves like firmware in the field: bytes in, bytes out.
///
/// It reproduces the firmware's faults too. It has no sequence numbers and no acknowledgements. Without contact it puts
/// its messages into a queue of ten. Later it replays them after its current status, without the retain flag and with
/// their old uptimes. It holds ten requests and drops the oldest. While the person is absent, it drops each new request
/// and ignores presses.
package struct UnitMachine1: Sendable {
    package let configuration: UnitConfiguration1
    private(set) var sense: PresenceSense
    private(set) var isConnected = false
    /// Messages that wait for contact: at most ten, and the oldest is dropped.
    private(set) var unsent: [UnitMessage] = []
    /// The requests on the unit, beginning with the one on the panel: at most ten, and the oldest is dropped.
    private(set) var requests: [Message1] = []
    private var lastHeartbeatAt: Uptime?
    /// The panel's text about the last press, and when it disappears.
    private var note: (text: StaticString, until: Uptime)?

    package static let queueLimit = 10
    package static let requestLimit = 10
    static let noteStays: UInt64 = 3_000

    /// Makes a unit that has just started.
    package init(configuration: UnitConfiguration1) {
        self.configuration = configuration
        sense = PresenceSense(awayAfter: configuration.grace)
    }

    package var isPresent: Bool { sense.state == .present }

    /// Whether a key press would answer a request now.
    package var isAsking: Bool { isPresent && !requests.isEmpty }

    /// Handles one input and returns the actions for the shell. `now` never goes back within one start.
    package mutating func handle(_ input: UnitInput, at now: Uptime) -> [UnitAction] {
        switch input {
        case .connected: return connected(at: now)
        case .disconnected:
            isConnected = false
            return [.screenChanged]
        case .message(let topic, let payload): return received(topic, payload)
        case .pressed(let key, _): return pressed(key, at: now)
        case .beaconSeen: return sensed(sense.seen(), at: now)
        case .beaconLost: return sensed(sense.missed(at: now), at: now)
        case .tick: return ticked(at: now)
        }
    }

    private mutating func connected(at now: Uptime) -> [UnitAction] {
        isConnected = true
        if lastHeartbeatAt == nil { lastHeartbeatAt = now }
        var actions: [UnitAction] = [.publish(status(at: now))]
        for message in unsent { actions.append(.publish(message)) }
        unsent = []
        return actions + [.screenChanged]
    }

    private mutating func received(_ topic: [UInt8], _ payload: [UInt8]) -> [UnitAction] {
        guard topic == configuration.subscription, let request = Message1(payload), isPresent else { return [] }
        guard !requests.contains(where: { $0.consultation == request.consultation }) else { return [] }
        if requests.count == Self.requestLimit { requests.removeFirst() }
        requests.append(request)
        return [.screenChanged]
    }

    private mutating func pressed(_ key: Key, at now: Uptime) -> [UnitAction] {
        guard isPresent, let request = requests.first else { return [] }
        requests.removeFirst()
        note = (key == .left ? "Acknowledged" : "Busy", now + Self.noteStays)
        let type: StaticString = key == .left ? "ACKNOWLEDGE" : "BUSY"
        let payload = Payload1.response(
            configuration, type, to: request.consultation, isPresent: isPresent, at: now)
        return send("responses", payload, isRetained: false) + [.screenChanged]
    }

    private mutating func sensed(_ change: PresenceSense.Change?, at now: Uptime) -> [UnitAction] {
        guard change != nil else { return [] }
        guard isConnected else {
            keep(status(at: now))
            return [.screenChanged]
        }
        return [.publish(status(at: now)), .screenChanged]
    }

    /// Publishes at most one message per turn, like the firmware's loop: presence before the heartbeat.
    private mutating func ticked(at now: Uptime) -> [UnitAction] {
        var changes: [UnitAction] = []
        if let note, now >= note.until {
            self.note = nil
            changes.append(.screenChanged)
        }
        let left = sensed(sense.timePassed(at: now), at: now)
        guard left.isEmpty else { return left + changes }
        guard isConnected, let last = lastHeartbeatAt, now.elapsed(since: last) >= configuration.heartbeatEvery
        else { return changes }
        lastHeartbeatAt = now
        let payload = Payload1.heartbeat(
            configuration, isPresent: isPresent, queued: unsent.count, requests: requests.count, at: now)
        return send("heartbeat", payload, isRetained: false) + changes
    }

    private func status(at now: Uptime) -> UnitMessage {
        UnitMessage(
            topic: configuration.topic("status"), payload: Payload1.status(configuration, sense, at: now),
            isAtLeastOnce: configuration.isAtLeastOnce, isRetained: true)
    }

    private mutating func send(_ topic: StaticString, _ payload: [UInt8], isRetained: Bool) -> [UnitAction] {
        let message = UnitMessage(
            topic: configuration.topic(topic), payload: payload, isAtLeastOnce: configuration.isAtLeastOnce,
            isRetained: isRetained)
        guard isConnected else {
            keep(message)
            return []
        }
        return [.publish(message)]
    }

    private mutating func keep(_ message: UnitMessage) {
        if unsent.count == Self.queueLimit { unsent.removeFirst() }
        var message = message
        message.isRetained = false
        unsent.append(message)
    }
}

extension UnitMachine1 {
    /// The contents of the unit's panel.
    package var panel: Panel {
        let here: Panel.Ground = isPresent ? .available : .neutral
        var panel = Panel(
            ground: isConnected ? here : .fault,
            title: isConnected ? ascii(isPresent ? "AVAILABLE" : "AWAY") : ascii("No connection"))
        if let note {
            panel.lines = [Panel.Line(.name, ascii(note.text)), Panel.Line(.second, ascii("sent"))]
        } else if let request = requests.first {
            panel.lines = [Panel.Line(.name, request.student), Panel.Line(.body, request.text)]
            panel.left = Panel.KeyLabel(ascii("Acknowledge"))
            panel.right = Panel.KeyLabel(ascii("Busy"))
        } else {
            panel.lines = [Panel.Line(.name, configuration.name), Panel.Line(.second, ascii("No messages"))]
        }
        return panel
    }
}
