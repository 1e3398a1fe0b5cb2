// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Foundation
import Logging
import Telemetry

struct SettingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Print every setting, its value, and where that comes from: flag, environment, file or default.",
        discussion: """
            Give it the flags that `serve` is given. Passwords are not shown. What can't be used is an error, as it is for \
            `serve`.

            Examples:
              consultease settings
              consultease settings --config /etc/consultease/consultease.json
              consultease settings --json

            Exit code 64 if a setting can't be used, or is none.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var edge: EdgeOptions

    @Flag(
        help: "Print [{\"setting\", \"value\", \"from\", \"place\", \"flag\", \"variable\", \"secret\"}] for scripts.")
    var json = false

    func run() async throws {
        let settings = try await Settings.resolve(edge.flags(with: data))
        let rows = SettingName.allCases.map { Output($0, settings) }
        if json {
            try JSONOutput.print(rows)
            return
        }
        var table = TextTable("SETTING", "VALUE", "FROM")
        for row in rows {
            table.add(row.setting, row.value, row.place.map { "\(row.from): \($0)" } ?? row.from)
        }
        table.print()
    }

    private struct Output: Encodable {
        let setting: String
        /// Null if the feature is off.
        @OrNull var value: String?
        let from: String
        @OrNull var place: String?
        @OrNull var flag: String?
        let variable: String
        let secret: Bool

        init(_ name: SettingName, _ settings: Settings) {
            let origin = settings.origins[name] ?? .default
            setting = name.rawValue
            value = settings.effective(name)
            from = origin.kind
            place = origin.place
            flag = name.flag
            variable = name.variable
            secret = name.isSecret
        }
    }
}

extension Settings {
    /// The value in effect as text; nil if the feature is off. A secret's value is not shown.
    func effective(_ name: SettingName) -> String? {
        switch name {
        case .data: dataFolder.path
        case .database: "\(database)"
        case .databaseBlockLimit: blockLimit.map { "\($0.components.seconds)" } ?? "off"
        case .proxies: peers.named
        case .streams: "\(peers.streams)"
        case .peerStreams: "\(peers.streamsOfOne)"
        case .listen: "\(listen)"
        case .desks: broker == nil ? "\(desks)" : nil
        case .openDesks: openDesks?.description
        case .broker: broker.map { "\($0.address)" }
        case .instance: instance
        case .metrics: metrics?.description
        case .otlp: telemetry.endpoint.map { "\($0.host):\($0.port)" }
        case .logLevel: logLevel.rawValue
        case .timeZone: (try? timeZone.get())?.name
        case .place: place
        case .databasePassword, .brokerPassword, .metricsToken: origins[name] == nil ? nil : "(not shown)"
        case .brokerCA: tls.authority
        case .brokerCertificate: tls.certificate
        case .brokerKey: tls.key
        }
    }
}
