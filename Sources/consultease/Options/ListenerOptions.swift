// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The addresses at which the embedded broker listens for desk units.
struct ListenerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the embedded broker waits for desk units. Default: 127.0.0.1:1883.", valueName: "host:port"))
    var desks: String?

    @OptionGroup var open: OpenListenerOption
}

/// The address of the open listener for old units.
struct OpenListenerOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A second listener for old units without credentials. Spoofable: any client that reaches it can speak as any of them that has no credentials, and cut any unit off by its id. Off by default.",
            valueName: "host:port"))
    var openDesks: String?
}
