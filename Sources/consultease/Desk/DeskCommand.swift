// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import DeskUnit
import Domain
import Foundation
import Logging
import MQTT
import Simulation

struct DeskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "desk",
        abstract: "One simulated desk unit, in this terminal: its panel, its two keys, its beacon.",
        discussion: """
            It speaks to the broker as a real unit does, with a credential of its own (`consultease unit credential`). \
            In a terminal each key acts at once; otherwise standard input is read line by line.

            Examples:
              consultease desk --unit desk-7 --password-file desk-7.password
              consultease desk --dialect 1 --faculty 7 --broker mqtt://127.0.0.1:1884
              printf 'in\\nask\\nleft\\nwait 1\\n' | \\
                consultease desk --unit desk-7 --password-file desk-7.password

            Keys:   \(DeskWish.keysHelp)
            Lines:  \(DeskWish.linesHelp)

            Exit code 1 where, at the end, something was not acknowledged.
            """)

    @Option(help: ArgumentHelp("The unit's id. Default: desk-1, or d1-FACULTY in dialect 1.", valueName: "id"))
    var unit: String?

    @Option(help: ArgumentHelp("The language that it speaks: 1 or 2.", valueName: "number"))
    var dialect = 2

    @Option(
        help: ArgumentHelp("Dialect 1: the id of its owner, who stands in its topics.", valueName: "id"),
        transform: IdentifierArguments.faculty)
    var faculty: FacultyID?

    @Option(help: ArgumentHelp("Dialect 1: the name of its owner, as burnt into it.", valueName: "text"))
    var name = "Desk owner"

    @Option(
        help: ArgumentHelp("\(BrokerURL.help)", valueName: "url"),
        transform: BrokerURL.parse)
    var broker = BrokerURL.nearby

    @OptionGroup var tls: BrokerTLSOptions

    @Option(
        help: ArgumentHelp(
            "The user name at the broker. Default: the unit's id, where there is a password.", valueName: "name"))
    var username: String?

    @Option(help: ArgumentHelp("A file whose first line is the password.", valueName: "file"), completion: .file())
    var passwordFile: String?

    @Option(
        help: ArgumentHelp("How long the beacon may be missed before its owner counts as away.", valueName: "seconds"))
    var awayAfter = 60

    @Option(
        help: ArgumentHelp(
            "The consultation that a student asks with, until the server itself delivers requests.", valueName: "id"))
    var consultation: Int64 = 1

    func validate() throws {
        guard consultation > 0 else { throw ValidationError("--consultation is a whole number from 1") }
        guard dialect == 1 || dialect == 2 else { throw ValidationError("--dialect is 1 or 2") }
        guard dialect == 2 || faculty != nil else {
            throw ValidationError("dialect 1 needs its owner's id: --faculty 7")
        }
        guard (0...86_400).contains(awayAfter) else { throw ValidationError("--away-after is from 0 to 86400") }
    }

    func run() async throws {
        let address = try await broker.usableAddress(tls)
        let password = try passwordFile.map(SecretFile.read)
        let old = dialect == 1 ? faculty.map { UnitID(dialect1: $0).rawValue } : nil
        let id = unit ?? old ?? "desk-1"
        let desk = LoadUnit(
            faculty: faculty?.rawValue ?? 1, name: name, department: "", beacon: "", unit: id,
            dialect: dialect == 1 ? .one : .two,
            userName: username ?? broker.userName ?? password.map { _ in id }, password: password)
        var logger = Logger(label: "consultease.desk")
        logger.logLevel = .critical
        let setup = UnitDriver.Setup(
            broker: address, time: SimulationTime(ContinuousClock()),
            settings: UnitSettings(awayAfter: .seconds(awayAfter)), seed: UInt64.random(in: 0 ... .max))
        let driver = UnitDriver(desk, index: 0, setup: setup, logger: logger)
        let isSettled = await DeskSession(
            driver: driver, title: "\(id) at \(address)", consultation: consultation
        ).run()
        guard isSettled else { throw ExitCode.failure }
    }
}
