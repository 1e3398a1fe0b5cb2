// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Web

/// The limits of the pages' server, for all clients and for one network address.
struct PeerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Reverse proxies whose X-Forwarded-For or Forwarded is believed: addresses or networks, with commas between them. Default: none.",
            valueName: "addresses"))
    var proxies: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many event streams may be open at once; each open screen has one. Default: 1000.",
            valueName: "number"))
    var streams: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many event streams one network address may have open; raise it where many people share one. Default: 200.",
            valueName: "number"))
    var peerStreams: String?

    func add(to flags: inout SettingFlags) {
        flags.proxies = proxies
        flags.streams = streams
        flags.peerStreams = peerStreams
    }
}

/// The checked limits.
struct PeerSettings: Sendable {
    var proxies = ProxyList.none
    /// The proxies as they were given; nil if there are none.
    let named: String?
    /// How many event streams may be open at once.
    let streams: Int
    /// How many of them one address may have.
    let streamsOfOne: Int

    init(proxies: String?, streams: String?, streamsOfOne: String?) throws {
        named = proxies
        if let proxies {
            guard let list = ProxyList(proxies) else {
                throw SettingsError(
                    setting: "proxies", value: proxies,
                    remedy: "write addresses or networks with commas between them, as 127.0.0.1,192.0.2.0/24")
            }
            self.proxies = list
        }
        let limits = WebLimits()
        self.streams = try Self.number(.streams, streams) ?? limits.openStreams
        self.streamsOfOne = try Self.number(.peerStreams, streamsOfOne) ?? limits.streamsOfOnePeer
    }

    private static func number(_ setting: SettingName, _ text: String?) throws -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), (1...100_000).contains(number) else {
            throw SettingsError(
                setting: setting.rawValue, value: text, remedy: "write a whole number from 1 to 100000")
        }
        return number
    }
}
