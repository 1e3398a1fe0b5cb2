// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import DeskUnit
package import Logging
import MQTT

/// Runs one simulated unit over a real MQTT connection: the shell around its machine, and the faults on its path.
///
/// The actor takes steps and arrivals one at a time. `run()` runs the unit; everything else may be called meanwhile.
/// The queue of messages to send is bounded: a step waits until it holds fewer than `roomFor`.
package actor UnitDriver {
    package nonisolated let unit: LoadUnit
    /// The panel and the state of the connection. Only the newest value is buffered, so a slow reader misses older
    /// ones.
    package nonisolated let screens: AsyncStream<UnitScreen>
    let screenFeed: AsyncStream<UnitScreen>.Continuation
    let setup: Setup
    private let logger: Logger

    var model: UnitModel
    var path: FaultyPath
    var random: SeededRandom
    var counter: UptimeCounter
    var life = 0
    var next = Fate.lives
    var client: MQTTClient?
    package var isConnected = false
    var outgoing: [UnitMessage] = []
    var isPublishing = false
    var wake: AsyncStream<Void>.Continuation?
    var lifeEnds: AsyncStream<Void>.Continuation?
    var firstSent: [EventName: Duration] = [:]
    /// Why the last connection or attempt ended.
    var linkNote: String?
    /// An old unit's answers, for a path that may have lost them: one for each request.
    var oldAnswers: [UnitMessage] = []
    /// Whether the unit is being switched off; it takes no more inputs then.
    var isLeaving = false
    package var figures: Figures

    static let roomFor = 64

    /// What happens to the unit when its current run ends.
    enum Fate {
        case lives
        case restarts
        case isOff
    }

    package init(_ unit: LoadUnit, index: Int, setup: Setup, logger: Logger) {
        self.unit = unit
        self.setup = setup
        self.logger = logger
        random = SeededRandom(seed: setup.seed, stream: index)
        model = UnitModel(unit, settings: setup.settings, boot: random.next())
        path = FaultyPath(rates: setup.faults, random: SeededRandom(seed: random.next()))
        figures = Figures(acknowledged: LatencySample(seed: random.next()))
        // A unit in time lapse has been running for at least an hour, so its uptime is never near a restart's.
        let hour: UInt64 = 3_600_000
        counter = UptimeCounter(
            startedAt: setup.time.elapsed(),
            ahead: setup.isTimeLapse && unit.dialect == .one ? UInt64.random(in: hour...2 * hour, using: &random) : 0)
        (screens, screenFeed) = AsyncStream.makeStream(of: UnitScreen.self, bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Life

    /// Runs the unit, including its restarts; returns if cancelled.
    package func run() async {
        while !Task.isCancelled {
            switch next {
            case .lives: await live()
            case .restarts:
                model.restart(boot: random.next())
                life += 1
                counter = UptimeCounter(
                    startedAt: setup.time.elapsed(), ahead: UInt64.random(in: 800...2_000, using: &random))
                next = .lives
                isLeaving = false
            case .isOff: try? await setup.time.sleep(.milliseconds(20))
            }
        }
        screenFeed.finish()
    }

    private func live() async {
        let client = MQTTClient(configuration: configuration, logger: logger)
        let (ends, lifeEnds) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (self.client, self.lifeEnds, self.wake) = (client, lifeEnds, wake)
        let logger = logger
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await state in client.states { await self.linkChanged(state) }
            }
            group.addTask {
                do { try await client.run() } catch {
                    logger.error("A simulated unit can't connect", metadata: ["error": "\(error)"])
                }
            }
            group.addTask {
                for await message in client.messages {
                    await self.received(message)
                    message.ack()
                }
            }
            group.addTask {
                for await _ in wakes { await self.publishAll(over: client) }
            }
            group.addTask { await self.tick() }
            for await _ in ends { break }
            group.cancelAll()
        }
        (self.client, self.lifeEnds, self.wake) = (nil, nil, nil)
        isConnected = false
        isPublishing = false
        outgoing = []
        firstSent = [:]
    }

    private var configuration: ClientConfiguration {
        let address = unit.broker ?? setup.broker
        var configuration = ClientConfiguration(address: address, clientID: setup.clientIDPrefix + unit.unit)
        configuration.version = unit.dialect == .one ? .v3_1_1 : .v5
        configuration.credentials = unit.userName.map { Credentials(userName: $0, password: unit.password) }
        configuration.will = model.will.map { will in
            Will(
                topic: String(decoding: will.topic, as: UTF8.self), payload: will.payload, qos: .atLeastOnce,
                isRetained: will.isRetained)
        }
        configuration.subscriptions = [
            Subscription(String(decoding: model.subscription, as: UTF8.self))
        ]
        configuration.backoff = Backoff(first: .milliseconds(50), cap: .seconds(1), jitter: 0...1)
        return configuration
    }

    private func linkChanged(_ state: ConnectionState) {
        switch state {
        case .connected:
            figures.connections += 1
            isConnected = true
            // A unit that is being switched off sends nothing more.
            guard !isLeaving else { break }
            // No leap separates the last heartbeat from this report.
            act(on: model.handle(.connected, at: uptime()), isNearStart: true)
        case .disconnected(let end):
            linkNote = end.description
            connectionLost()
        case .stopped: connectionLost()
        case .idle, .connecting: break
        }
        screenFeed.yield(screen)
        wake?.yield()
    }

    private func connectionLost() {
        guard isConnected else { return }
        isConnected = false
        // A dialect 2 unit itself resends what was not acknowledged.
        if unit.dialect == .two { outgoing = [] }
        act(on: model.handle(.disconnected, at: uptime()))
    }

    private func received(_ message: IncomingMessage) {
        if unit.dialect == .two, let name = EventName(acknowledgement: message.payload),
            let sentAt = firstSent.removeValue(forKey: name)
        {
            figures.acknowledged.add(setup.time.elapsed() - sentAt)
        }
        take(.message(topic: Array(message.topic.utf8), payload: message.payload))
        // Observers want the number of waiting events, although the panel doesn't show it.
        screenFeed.yield(screen)
    }

    private func tick() async {
        let interval = setup.isTimeLapse && unit.dialect == .one ? .seconds(10) : setup.settings.tickEvery
        while !Task.isCancelled {
            do { try await setup.time.sleep(interval) } catch { return }
            take(.tick)
        }
    }
}
