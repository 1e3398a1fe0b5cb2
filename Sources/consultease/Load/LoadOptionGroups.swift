// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import MQTT
import Simulation

/// The size of the fleet, and how much it sends.
struct FleetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many desk units.", valueName: "number"))
    var units = 50

    @Option(help: ArgumentHelp("How many messages they send in all.", valueName: "number"))
    var messages = 6_000

    @Option(help: ArgumentHelp("Messages a second in all; 0 is as fast as it goes.", valueName: "number"))
    var rate = 500.0

    @Option(help: ArgumentHelp("Repeats a run's course. Default: a new one, which is said.", valueName: "number"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("The share of units that speak dialect 2.", valueName: "share"))
    var dialect2 = 0.5

    @Option(help: ArgumentHelp("Pending consultations of each faculty member.", valueName: "number"))
    var consultations = 4

    @Option(help: ArgumentHelp("The share of units that are switched off at the end.", valueName: "share"))
    var off = 0.1

    @Option(help: ArgumentHelp("How often the way from a beacon to a screen is timed.", valueName: "number"))
    var probes = 50

    func validate() throws {
        guard (1...100_000).contains(units) else { throw ValidationError("--units is from 1 to 100000") }
        guard messages > 0, rate >= 0, consultations >= 0, probes >= 0 else {
            throw ValidationError("--messages is 1 at least; --rate, --consultations and --probes are 0 at least")
        }
        guard (0...1).contains(dialect2), (0...1).contains(off) else {
            throw ValidationError("--dialect2 and --off are shares from 0 to 1")
        }
    }
}

/// The probabilities of the faults.
struct FaultOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A message is sent twice.", valueName: "p"))
    var duplicates = FaultRates.standard.duplicates

    @Option(help: ArgumentHelp("A message is overtaken by later ones.", valueName: "p"))
    var reorderings = FaultRates.standard.reorderings

    @Option(help: ArgumentHelp("A message of long ago is sent again.", valueName: "p"))
    var replays = FaultRates.standard.replays

    @Option(help: ArgumentHelp("A unit restarts, at a step.", valueName: "p"))
    var reboots = FaultRates.standard.reboots

    @Option(help: ArgumentHelp("A unit's connection is cut, at a step.", valueName: "p"))
    var cuts = FaultRates.standard.cuts

    @Option(help: ArgumentHelp("A unit is silent for a while, at a step.", valueName: "p"))
    var silences = FaultRates.standard.silences

    @Option(help: ArgumentHelp("Garbage is sent under a unit's name, at a step.", valueName: "p"))
    var hostile = FaultRates.standard.hostile

    @Option(help: ArgumentHelp("A screen drops its stream, at an event.", valueName: "p"))
    var screenCuts = 0.01

    var rates: FaultRates {
        FaultRates(
            duplicates: duplicates, reorderings: reorderings, replays: replays, reboots: reboots, cuts: cuts,
            silences: silences, hostile: hostile)
    }

    func validate() throws {
        let all = [duplicates, reorderings, replays, reboots, cuts, silences, hostile, screenCuts]
        guard all.allSatisfy({ (0...1).contains($0) }) else { throw ValidationError("a probability is from 0 to 1") }
    }
}

/// The addresses of the server, its broker and its database.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("\(BrokerURL.help)", valueName: "url"),
        transform: BrokerURL.parse)
    var broker = BrokerURL.nearby

    @OptionGroup var tls: BrokerTLSOptions

    @Option(
        help: ArgumentHelp(
            "Another broker or listener for the old units: the server's --open-desks.", valueName: "url"),
        transform: BrokerURL.parse)
    var oldBroker: BrokerURL?

    @Option(
        help: ArgumentHelp(
            "Make the fleet's people, units, requests and credentials in this data folder of a server that is there for this alone, and check its database.",
            valueName: "folder"), completion: .directory)
    var prepare: String?

    @Option(help: ArgumentHelp("The units' credentials: lines UNIT,PASSWORD.", valueName: "file"), completion: .file())
    var credentials: String?

    @Option(
        help: ArgumentHelp("Check the API and the screens of this server.", valueName: "url"), transform: Self.address)
    var http: HTTPAddress?

    @Option(
        help: ArgumentHelp("Check this database: a SQLite file, or postgres://…", valueName: "url"), completion: .file()
    )
    var database: String?

    @Option(help: ArgumentHelp("How many simulated screens follow the event stream.", valueName: "number"))
    var subscribers = 4

    @Option(
        name: [.customLong("timeout"), .customLong("patience")],
        help: ArgumentHelp("How long the server may take to show the end state.", valueName: "seconds"))
    var endStateTimeout = 60

    /// Returns the addresses of the broker and of the one for old units.
    func brokers() async throws -> (BrokerAddress, old: BrokerAddress?) {
        try await Settings.asUsage {
            let old = try oldBroker.map { try $0.address($0.isSecured ? tls.files : .none) }
            let isForOldAlone = oldBroker?.isSecured == true && !broker.isSecured
            return (try broker.address(isForOldAlone ? .none : tls.files), old)
        }
    }

    @Sendable
    private static func address(_ text: String) throws -> HTTPAddress {
        guard let address = HTTPAddress(text) else {
            throw ValidationError("'\(text)' is no server: write http://HOST:PORT")
        }
        return address
    }

    func validate() throws {
        guard (0...1_000).contains(subscribers) else { throw ValidationError("--subscribers is from 0 to 1000") }
        guard (1...86_400).contains(endStateTimeout) else { throw ValidationError("--timeout is from 1 to 86400") }
    }
}
