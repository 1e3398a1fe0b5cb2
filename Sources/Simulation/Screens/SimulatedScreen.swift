// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Logging

/// A screen that follows the event stream over HTTP: connects, resumes where it was when the stream ends, and assembles
/// its own board. An actor; `run()` is its life.
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
    /// HTTP statuses other than 200 that the stream was answered with.
    package private(set) var refusalCount = 0

    /// - Parameters:
    ///   - cuts: the probability at each event that the screen drops its connection, 0…1.
    ///   - isStale: plants a defect: changes are received and ignored.
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

    /// Returns at cancellation.
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

    /// The board as it is now.
    package func currentBoard() -> ScreenBoard { board }

    /// When this faculty member's card last changed to `availability`; nil unless it shows that now.
    package func reached(_ availability: String, faculty: Int64) -> Duration? {
        reachedAt[faculty].flatMap { $0.availability == availability ? $0.moment : nil }
    }
}
