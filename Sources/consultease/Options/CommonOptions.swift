// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The file of settings and the log level.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("A JSON file with settings: {\"listen\": \"127.0.0.1:8080\"}.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Option(name: .long, help: "trace, debug, info, notice, warning or error.")
    var logLevel: String?

    func add(to flags: inout SettingFlags) {
        flags.config = config
        flags.logLevel = logLevel
    }
}
