// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Store

/// On which condition an edit is made. Not `--version`, which prints the program's wherever another argument is at fault, and
/// ends with 0: a script would take that for success.
struct VersionOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only if the row still has the version that you saw; else both sides are shown, and nothing is written. 0: if there was none.",
            valueName: "number"),
        transform: Self.read)
    var ifVersion: Int64?

    var expected: ExpectedVersion { ExpectedVersion(ifVersion) }

    @Sendable
    private static func read(_ text: String) throws -> Int64 {
        guard let number = ASCIIDigits.value(of: text.utf8) else {
            throw ValidationError("'\(text)' is no version: write a whole number, as `consultease faculty show` tells it")
        }
        return number
    }

    /// For a command's discussion.
    static let exitCodeHelp = """
        Exit code \(ConflictReport.exitCode.rawValue), and nothing written, where --if-version names a version that stands no more.
        """
}
