// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import HashTreeCollections
import Logging
import Service
import Store
import Synchronization
import TestSupport
import Wire

/// A store, a board and a sequencer that run together, as in the server.
struct ServiceFixture: Sendable {
    let store: Store
    let board: Board
    let ingest: Ingest
    let commands: Commands
    let time: ManualTime
    let faults: FaultyEngine
    let file: URL?

    /// The former system's interface, over the same commands.
    var service: FacultyService { FacultyService(commands, board: board, readLimit: .seconds(60), logger: quietLogger) }

    /// Submits one live message and returns its settlement.
    func send(_ topic: String, _ payload: String, isRetained: Bool = false) async -> Settlement? {
        let (settlements, settle) = AsyncStream.makeStream(of: Settlement.self)
        await ingest.submit(
            Arrival(delivery(topic, payload, isRetained: isRetained), at: store.clock) { settle.yield($0) })
        for await settlement in settlements { return settlement }
        return nil
    }

    func delivery(_ topic: String, _ payload: String, isRetained: Bool = false) -> Delivery {
        Delivery(topic: topic, payload: Array(payload.utf8), isRetained: isRetained, arrivedAt: store.now)
    }

    /// Returns the card after the board has everything that is committed.
    func card(_ id: FacultyID) async -> Card? {
        await board.snapshot(atLeast: store.lastCommitted, within: .seconds(20))?.cards[id]
    }
}

/// Returns the commands over a store, as `Server` composes them.
func commands(over store: Store, retrying: RetryingEdit? = nil) -> Commands {
    Commands(store: store, retrying: retrying, logger: quietLogger)
}

/// Runs `body` with every part running; people 1…`count` have beacons and one old unit each.
func withService<Value: Sendable>(
    people count: Int64 = 3, queueLimit: Int = 4096, engine: TestEngine = .sqliteFile,
    _ body: @Sendable (ServiceFixture) async throws -> Value
) async throws -> Value {
    try await withStore(engine) { fixture in
        try await fixture.store.write { transaction in
            for number in 1...count {
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. Person \(number)", department: number % 2 == 0 ? "Physics" : "Law"),
                    id: FacultyID(number), beacon: BeaconAddress("AA:BB:CC:DD:EE:\(String(format: "%02d", number))"))
            }
        }
        let logger = quietLogger
        let board = try await Board(store: fixture.store, logger: logger)
        let ingest = Ingest(
            store: fixture.store, logger: logger, queueLimit: queueLimit, retry: CommitBackoff { _ in 1 })
        let keeper = BoardKeeper(store: fixture.store, board: board, logger: logger)
        let timekeeper = Timekeeper(store: fixture.store, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await ingest.run() }
            group.addTask { await keeper.run() }
            group.addTask { await timekeeper.run() }
            defer { group.cancelAll() }
            return try await body(
                ServiceFixture(
                    store: fixture.store, board: board, ingest: ingest,
                    commands: commands(over: fixture.store),
                    time: fixture.time, faults: fixture.faults, file: fixture.file))
        }
    }
}

/// Records settlements, in order.
final class Settlements: Sendable {
    private let all = Mutex<[Settlement]>([])

    var list: [Settlement] { all.withLock { $0 } }

    func note(_ settlement: Settlement) {
        all.withLock { $0.append(settlement) }
    }
}

extension FacultyID {
    static func number(_ value: Int64) -> FacultyID {
        guard let id = FacultyID(value) else { preconditionFailure("no id: \(value)") }
        return id
    }
}
