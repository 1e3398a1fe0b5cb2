// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Web

/// The limits of the pages' server for one network address.
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
            "How many event streams one network address may have open; raise it where many people share one. Default: 200.",
            valueName: "number"))
    var peerStreams: String?

    func add(to flags: inout SettingFlags) {
        flags.proxies = proxies
        flags.peerStreams = peerStreams
    }
}

/// The checked limits.
struct PeerSettings: Sendable {
    var proxies = ProxyList.none
    /// The proxies as they were given; nil if there are none.
    let named: String?
    var streams: Int

    init(proxies: String?, streams: String?) throws {
        named = proxies
        if let proxies {
            guard let list = ProxyList(proxies) else {
                throw SettingsError(
                    setting: "proxies", value: proxies,
                    remedy: "write addresses or networks with commas between them, as 127.0.0.1,192.0.2.0/24")
            }
            self.proxies = list
        }
        self.streams = WebLimits().streamsOfOnePeer
        if let streams {
            guard let number = Int(streams), number >= 1 else {
                throw SettingsError(setting: "peer.streams", value: streams, remedy: "write a whole number from 1 on")
            }
            self.streams = number
        }
    }
}
