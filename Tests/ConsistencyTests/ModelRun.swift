// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import Randomness
import TestSupport

/// Runs a model of the system that keeps every promise, and records a random history: writers, units, readers on two
/// instances whose boards lag, and streams. The checker must accept the history.
///
/// One random actor moves at a time: it asks, takes effect, or gets its answer.
struct ModelRun {
    private(set) var history: History
    private var generator: SeededGenerator
    private var now: Int64 = 0
    /// The states of the database, oldest first.
    private var states: [(revision: Int64, values: [Cell: Token])]
    /// The state that each instance's board shows.
    private var boards = [0, 0]
    /// The highest revision that any client was told.
    private var told: Int64 = 10
    private var writers: [Writer] = []
    private var readers: [Reader] = []
    private var streams = [0, 1, 0].map { Stream(instance: $0) }
    private var counts: [Cell: Int] = [:]
    private var nextToken = 0

    private static let cells = (1...4).map { Cell(.number($0), "room") }

    private struct Writer {
        var isUnit = false
        /// Whether answers carry revisions.
        var isTold = true
        var operation: Int?
        var committed: Int64?
        var isGivenUp = false
        var lastEvent: (name: String, effects: [Cell: Token], committed: Int64?)?
    }

    private struct Reader {
        let instance: Int
        let isOfDatabase: Bool
        var operation: Int?
        var taken: Int?
    }

    private struct Stream {
        let instance: Int
        var shown: Int?
    }

    static func history(seed: UInt64, steps: Int) -> History {
        var run = ModelRun(seed: seed)
        for _ in 0..<steps { run.step() }
        return run.finished()
    }

    private init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        let first = Dictionary(uniqueKeysWithValues: Self.cells.map { ($0, Token("first")) })
        history = History(origins: [.init(tag: at(10), values: first)])
        states = [(10, first)]
        for cell in Self.cells { counts[cell] = 0 }
        writers =
            (0..<4).map { _ in Writer() } + [Writer(isUnit: true)]
            + (0..<3).map { _ in Writer(isUnit: true, isTold: false) }
        for instance in [0, 1, 0, 1] { readers.append(Reader(instance: instance, isOfDatabase: false)) }
        readers.append(Reader(instance: 0, isOfDatabase: true))
    }

    private func chance(_ one: Int, using generator: inout SeededGenerator) -> Bool {
        Int.random(in: 0..<one, using: &generator) == 0
    }

    private mutating func step() {
        now += Int64.random(in: 1...5000, using: &generator)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<9: moveWriter(Int.random(in: 0..<writers.count, using: &generator))
        case 9..<15: moveReader(Int.random(in: 0..<readers.count, using: &generator))
        case 15..<17: moveStream(Int.random(in: 0..<streams.count, using: &generator))
        default:
            let board = Int.random(in: 0..<boards.count, using: &generator)
            boards[board] = Int.random(in: boards[board]..<states.count, using: &generator)
        }
    }

    private mutating func ask(_ client: String, _ instance: Int, _ kind: Consistency.Operation.Kind) -> Int {
        let id = history.operations.count
        history.operations.append(
            Operation(
                id: id, client: client, instance: ["a", "b"][instance], invoked: Moment(nanoseconds: now),
                responded: nil, kind: kind))
        return id
    }

    private mutating func answer(_ operation: Int, _ kind: Consistency.Operation.Kind) {
        history.operations[operation].kind = kind
        history.operations[operation].responded = Moment(nanoseconds: now)
    }

    private mutating func commit(_ effects: [[Cell: Token]]) -> Int64 {
        var values = states[states.count - 1].values
        for cells in effects {
            for (cell, token) in cells {
                values[cell] = token
                counts[cell, default: 0] += 1
            }
        }
        // Due changes and outside writers use revisions too.
        let revision = states[states.count - 1].revision + Int64.random(in: 1...2, using: &generator)
        states.append((revision, values))
        return revision
    }

    private mutating func moveWriter(_ number: Int) {
        guard let operation = writers[number].operation else { return begin(number) }
        guard var write = history.operations[operation].written else { return }
        if let revision = writers[number].committed {
            // The write is durable: the client gets the answer, or the answer is lost.
            let isLost = chance(8, using: &generator)
            let isRepeated = writers[number].lastEvent.map { $0.name == write.event && $0.committed != nil } ?? false
            let tag = writers[number].isTold ? at(isRepeated ? states[states.count - 1].revision : revision) : nil
            write.outcome = isLost ? .unknown : isRepeated ? .duplicate(tag) : .committed(tag)
            if !isLost, writers[number].isTold { told = max(told, tag?.revision.number ?? 0) }
            end(number, operation, write, committed: revision)
        } else if writers[number].isGivenUp || !chance(10, using: &generator) {
            take(number, write)
        } else if chance(2, using: &generator) {
            write.outcome = .failed
            end(number, operation, write, committed: nil)
        } else {
            // The client gave the write up, but it may still happen.
            write.outcome = .unknown
            answer(operation, .write(write))
            writers[number].isGivenUp = true
        }
    }

    private mutating func begin(_ number: Int) {
        let writer = writers[number]
        var write: Write
        if writer.isUnit, let last = writer.lastEvent, chance(4, using: &generator) {
            write = Write(last.effects, event: last.name, outcome: .unknown)
            // The write changes nothing more, but gets an answer.
            writers[number].committed = last.committed
        } else {
            nextToken += 1
            let most = writer.isUnit ? 1 : 3
            let cells = Self.cells.shuffled(using: &generator).prefix(Int.random(in: 1...most, using: &generator))
            let effects = Dictionary(uniqueKeysWithValues: cells.map { ($0, Token("t\(nextToken)")) })
            write = Write(effects, event: writer.isUnit ? "e\(nextToken)" : nil, outcome: .unknown)
            writers[number].lastEvent = nil
        }
        writers[number].operation = ask("writer-\(number)", number % 2, .write(write))
    }

    /// Commits one transaction; or, for a unit, one batch of all waiting messages.
    private mutating func take(_ number: Int, _ write: Write) {
        guard writers[number].isUnit else {
            writers[number].committed = commit([write.effects])
            if writers[number].isGivenUp { forget(number) }
            return
        }
        let waiting = writers.indices.filter {
            writers[$0].isUnit && writers[$0].committed == nil && writers[$0].operation != nil
        }
        let revision = commit(
            waiting.compactMap { writers[$0].operation.flatMap { history.operations[$0].written?.effects } })
        for unit in waiting {
            writers[unit].committed = revision
            if writers[unit].isGivenUp {
                remember(unit, committed: revision)
                forget(unit)
            }
        }
    }

    private mutating func end(_ number: Int, _ operation: Int, _ write: Write, committed: Int64?) {
        answer(operation, .write(write))
        if writers[number].isUnit { remember(number, committed: committed) }
        forget(number)
    }

    private mutating func remember(_ number: Int, committed: Int64?) {
        guard let write = writers[number].operation.flatMap({ history.operations[$0].written }), let event = write.event
        else { return }
        writers[number].lastEvent = (event, write.effects, committed)
    }

    private mutating func forget(_ number: Int) {
        writers[number].operation = nil
        writers[number].committed = nil
        writers[number].isGivenUp = false
    }

    private mutating func moveReader(_ number: Int) {
        let reader = readers[number]
        guard let operation = reader.operation else {
            let wants: Read.Freshness =
                reader.isOfDatabase ? .newest : chance(2, using: &generator) ? .atLeast(at(told)) : .any
            readers[number].operation = ask("reader-\(number)", reader.instance, .read(Read(wants, .failed)))
            return
        }
        guard let read = history.operations[operation].readOut else { return }
        guard let taken = reader.taken else {
            let state = reader.isOfDatabase ? states.count - 1 : boards[reader.instance]
            if case .atLeast(let tag) = read.wants, states[state].revision < tag.revision.number {
                guard chance(6, using: &generator) else { return }
                answer(operation, .read(Read(read.wants, .unavailable)))
                readers[number].operation = nil
            } else {
                readers[number].taken = state
            }
            return
        }
        let (revision, values) = states[taken]
        let scope = Int.random(in: 1...values.count, using: &generator)
        let seen = Dictionary(uniqueKeysWithValues: Self.cells.prefix(scope).map { ($0, values[$0] ?? "") })
        let hasTag = !reader.isOfDatabase || chance(2, using: &generator)
        answer(operation, .read(Read(read.wants, .state(hasTag ? at(revision) : nil, seen))))
        readers[number].operation = nil
        readers[number].taken = nil
    }

    private mutating func moveStream(_ number: Int) {
        let next = boards[streams[number].instance]
        let (revision, values) = states[next]
        let kind: Frame.Kind = streams[number].shown == nil || chance(12, using: &generator) ? .snapshot : .change
        var told = values
        if kind == .change, let shown = streams[number].shown {
            guard next > shown else { return }
            told = values.filter { states[shown].values[$0.key] != $0.value }
        }
        let operation = ask("stream-\(number)", streams[number].instance, .frame(Frame(kind, at(revision), told)))
        history.operations[operation].responded = Moment(nanoseconds: now)
        streams[number].shown = next
    }

    private func finished() -> History {
        var whole = history
        let (revision, values) = states[states.count - 1]
        whole.final = .init(tag: at(revision), values: values, counts: counts)
        return whole
    }
}

extension Consistency.Operation {
    var written: Write? {
        if case .write(let write) = kind { write } else { nil }
    }

    var readOut: Read? {
        if case .read(let read) = kind { read } else { nil }
    }
}
