// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Logging

/// A screen that follows the event stream over HTTP. It reconnects after each end, resumes where it was, and assembles
/// its own board. `run()` runs it.
package actor SimulatedScreen {
    package nonisolated let name: String
    private let fetcher: HTTPFetcher
    private let time: SimulationTime
    private let cuts: Double
    private let isStale: Bool
    private let logger: Logger
    private var random: SeededRandom
    private var board = ScreenBoard()
    private var reachedAt: [Int64: (availability: String, moment: Duration)] = [:]
    package private(set) var connectionCount = 0
    /// Responses to the stream's request with an HTTP status other than 200.
    package private(set) var refusalCount = 0

    /// - Parameters:
    ///   - cuts: the probability, 0…1, that the screen drops its connection at an event.
    ///   - isStale: plants a defect: the screen receives changes and ignores them.
    package init(
        name: String, address: HTTPAddress, time: SimulationTime, seed: UInt64, cuts: Double = 0, isStale: Bool = false,
        logger: Logger
    ) {
        self.name = name
        fetcher = HTTPFetcher(address)
        self.time = time
        self.cuts = cuts
        self.isStale = isStale
        self.logger = logger
        random = SeededRandom(seed: seed)
    }

    /// Follows the stream, and returns if cancelled.
    package func run() async {
        while !Task.isCancelled {
            do { try await follow() } catch {
                logger.debug("Event stream ended", metadata: ["screen": "\(name)", "error": "\(error)"])
            }
            try? await time.sleep(.milliseconds(100))
        }
    }

    private func follow() async throws {
        var parser = ServerSentEventParser()
        var headers = [("Accept", "text/event-stream")]
        if let last = board.lastEventID { headers.append(("Last-Event-ID", last)) }
        try await fetcher.stream("/api/v1/events", headers: headers) { status, _ in
            guard status == 200 else {
                refusalCount += 1
                throw HTTPFetchError.status(status)
            }
            connectionCount += 1
        } onBytes: { bytes in
            for event in parser.take(bytes) {
                take(event)
                if random.chance(cuts) { return .stop }
            }
            return .goOn
        }
    }

    private func take(_ event: ServerSentEvent) {
        if isStale, event.name == "change" { return }
        let moment = time.elapsed()
        for id in board.take(event) {
            guard let availability = board.cards[id]?.availability, reachedAt[id]?.availability != availability else {
                continue
            }
            reachedAt[id] = (availability, moment)
        }
    }

    /// Returns the current board.
    package func currentBoard() -> ScreenBoard { board }

    /// Returns when this faculty member's card last changed to `availability`; nil unless it shows that now.
    package func reached(_ availability: String, faculty: Int64) -> Duration? {
        reachedAt[faculty].flatMap { $0.availability == availability ? $0.moment : nil }
    }
}
