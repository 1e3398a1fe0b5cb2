// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The data folder.
struct FolderOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Folder of the database and the broker's files. Default: consultease-data.", valueName: "folder"),
        completion: .directory)
    var data: String?
}
