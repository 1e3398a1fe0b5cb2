// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The addresses and the folder of a demonstration. Its own defaults keep it apart from a server on the same machine.
struct DemoOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Folder of its database and its broker. Default: consultease-demo.", valueName: "folder"),
        completion: .directory)
    var data: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Another database than the folder's: sqlite:FILE, made afresh. Never one with real data.",
            valueName: "url"))
    var database: String?

    @OptionGroup var common: CommonOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where pages and the API listen. Default: 127.0.0.1:8080, or a free port where that is taken.",
            valueName: "host:port"))
    var listen: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where its broker waits for desk units. Default: a free port of this machine alone.",
            valueName: "host:port"))
    var desks: String?

    @OptionGroup var open: OpenListenerOption
    @OptionGroup var observers: ObserverOptions

    var flags: SettingFlags {
        var flags = SettingFlags(data: data ?? "consultease-demo", database: database)
        common.add(to: &flags)
        flags.logLevel = flags.logLevel ?? "warning"
        flags.listen = listen ?? (FreePort.isFree(8080) ? "127.0.0.1:8080" : "127.0.0.1:0")
        flags.desks = desks ?? "127.0.0.1:0"
        flags.openDesks = open.openDesks
        observers.add(to: &flags)
        return flags
    }
}
