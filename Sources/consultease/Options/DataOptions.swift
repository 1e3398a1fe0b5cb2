// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The location of the data, for every command that uses it.
struct DataOptions: ParsableArguments {
    @OptionGroup var folder: FolderOption

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Another database than the folder's: sqlite:FILE or postgres://USER@HOST:PORT/NAME; PostgreSQL's password comes from CONSULTEASE_DATABASE_PASSWORD.",
            valueName: "url"))
    var database: String?

    @OptionGroup var common: CommonOptions

    var flags: SettingFlags {
        var flags = SettingFlags(data: folder.data, database: database)
        common.add(to: &flags)
        return flags
    }
}
