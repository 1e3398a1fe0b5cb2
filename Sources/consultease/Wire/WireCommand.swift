// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Foundation
import Rules
import SQL
import Store
import Wire

/// `consultease wire`: explains how `serve` would judge a message.
struct WireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire",
        abstract: "Say what an MQTT message comes to, and why.",
        discussion: """
            Judges messages by the rules of docs/wire/protocol.md, with the judge that `serve` asks, in a small fixed world: \
            faculty 1 to 5 with beacons AA:BB:CC:DD:EE:01 to :05 and desk units desk-1 to desk-5, a few consultations. \
            With --data, --database or --config one message is judged by that database as it stands. Nothing is written, or \
            sent to a broker.

            With FILE, prints one JSON object for each line of it. Without, explains one message.

            Examples:
              consultease wire corpus.jsonl
              consultease wire --topic consultease/faculty/1/status \\
                --payload '{"present":true}'
              consultease wire --topic consultease/faculty/1/status \\
                --payload faculty_absent --retained
              consultease wire --topic consultease/v2/unit/desk-1/event \\
                --payload '{"boot":"b0000001","seq":11,"type":"beat"}'
              consultease wire --data consultease-data \\
                --topic consultease/v2/unit/desk-7/state \\
                --payload '{"boot":"b0000001","online":true}'
              consultease wire --as server \\
                --topic consultease/faculty/1/messages \\
                --payload 'CID:42 From:Ana (SID:7): Hi'
            """)

    @Argument(help: "A corpus: one JSON object a line, with id, topic, payload or payload_hex; may have prior, expect.")
    var file: String?

    @Option(help: "Topic of one message to explain.")
    var topic: String?

    @Option(help: "Payload of that message, as text.")
    var payload: String?

    @Option(help: "Payload of that message, as hex digits.")
    var payloadHex: String?

    @Flag(help: "The message is the broker's retained copy, delivered at subscribe.")
    var retained = false

    @Option(name: .customLong("as"), help: "Whose message it is: unit or server.")
    var side: MessageSide = .unit

    @OptionGroup(title: "A database to judge by") var data: DataOptions

    @Flag(help: "Print the explanation as one JSON object.")
    var json = false

    func validate() throws {
        if file != nil {
            guard topic == nil, payload == nil, payloadHex == nil, !retained else {
                throw ValidationError("Give either FILE, or --topic with --payload.")
            }
            guard data.flags.data == nil, data.flags.database == nil else {
                throw ValidationError("A corpus is judged in the sample world: give --topic with --data.")
            }
            return
        }
        guard topic != nil else {
            throw ValidationError("Give a corpus FILE, or --topic and --payload of one message.")
        }
        guard (payload == nil) != (payloadHex == nil) else {
            throw ValidationError("Give the message's --payload, or its --payload-hex.")
        }
        if let payloadHex, [UInt8](hex: payloadHex) == nil {
            throw ValidationError("--payload-hex must be pairs of hex digits.")
        }
    }

    func run() async throws {
        let now = WallClock.now()
        if let file {
            guard judgeLines(of: file, at: now) else { throw ExitCode.failure }
        } else {
            try await explain(at: now)
        }
    }

    /// Whether a flag names a database. The environment doesn't count, since this command needs no database by default.
    private var namesDatabase: Bool {
        let flags = data.flags
        return flags.data != nil || flags.database != nil || flags.config != nil
    }

    /// Loads the facts that the message's judgement needs, from the database or from the sample world.
    private func world(_ keys: WorldKeys, at now: Timestamp) async throws -> (World, Timestamp) {
        guard namesDatabase else { return (Fixture.world(at: now), now) }
        let settings = try await Settings.resolve(data.flags)
        do {
            let store = try await OpenedStore.forLooking(settings)
            defer { try? store.close() }  // Only read.
            return try await store.read { (try WorldRepository($0).load(keys), $0.now) }
        } catch let error as SQLError {
            throw FailureInWords.database(error, settings.database, backupsIn: settings.dataFolder)
        }
    }

    /// Judges each line. Returns false if a line couldn't be read: it is named on standard error, and the others are
    /// judged.
    private func judgeLines(of path: String, at now: Timestamp) -> Bool {
        let bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(of: path)
        } catch {
            write("\(error)", to: .standardError)
            return false
        }
        var isWhole = true
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let text = line.last == 0x0D ? line.dropLast() : line
            guard text.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
            do throws(CorpusLineError) {
                let corpusLine = try CorpusLine(decoding: text)
                write(CorpusLine.answer(corpusLine.verdict(at: now), id: corpusLine.id).text, to: .standardOutput)
            } catch {
                isWhole = false
                write("\(path):\(index + 1): \(error.description)", to: .standardError)
            }
        }
        return isWhole
    }

    private func explain(at now: Timestamp) async throws {
        let bytes = payload.map { Array($0.utf8) } ?? payloadHex.flatMap { [UInt8](hex: $0) } ?? []
        func delivery(at now: Timestamp) -> Delivery {
            Delivery(topic: topic ?? "", payload: bytes, isRetained: retained, arrivedAt: now)
        }
        let verdict: Verdict
        switch side {
        case .unit:
            let keys = Message(decoding: delivery(at: now)).keys
            var (world, now) = try await world(keys, at: now)
            verdict = Judge.judge(Message(decoding: delivery(at: now)), in: &world)
        case .server:
            let message = ServerMessage(decoding: delivery(at: now))
            let (world, _) = try await world(message.keys, at: now)
            verdict = Judge.judge(message, in: world)
        }
        if json {
            write(CorpusLine.answer(verdict, id: nil).text, to: .standardOutput)
        } else {
            write(VerdictInWords(verdict, side: side, isRetained: retained).text, to: .standardOutput)
        }
    }

    private func write(_ line: String, to output: FileHandle) {
        output.write(Data((line + "\n").utf8))
    }
}
