// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The addresses of the server, its broker and its listeners.
struct EdgeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where pages and the API listen; port 0 takes a free one. Default: 127.0.0.1:8080.",
            valueName: "host:port"))
    var listen: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "An MQTT broker of your own instead of the embedded one: mqtts://USER@HOST:PORT, or mqtt:// without TLS; the password comes from CONSULTEASE_BROKER_PASSWORD.",
            valueName: "url"))
    var broker: String?

    @OptionGroup var tls: BrokerTLSOptions
    @OptionGroup var listeners: ListenerOptions
    @OptionGroup var observers: ObserverOptions
    @OptionGroup var peers: PeerOptions

    /// Returns these settings and those of `data`.
    func flags(with data: DataOptions) -> SettingFlags {
        var flags = data.flags
        flags.listen = listen
        flags.broker = broker
        flags.tls = tls.files
        flags.desks = listeners.desks
        flags.openDesks = listeners.open.openDesks
        observers.add(to: &flags)
        peers.add(to: &flags)
        return flags
    }
}
