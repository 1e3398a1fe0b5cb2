// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Store

/// On which condition an edit is made. Not `--version`, which prints the program's wherever another argument is at
/// fault, and ends with 0: a script would take that for success.
struct VersionOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only where this version still stands, 0 for none; else both sides are shown, and nothing is written.",
            valueName: "number"),
        transform: Self.read)
    var ifVersion: Int64?

    var expected: ExpectedVersion { ExpectedVersion(ifVersion) }

    @Sendable
    private static func read(_ text: String) throws -> Int64 {
        guard let number = ASCIIDigits.value(of: text.utf8) else {
            throw ValidationError(
                "'\(text)' is no version: write the whole number that `faculty show` or `unit list` tells")
        }
        return number
    }

    /// Neither success, nor failure (1), nor wrong usage (64): another edit came first.
    static let exitCode = ExitCode(9)

    /// For a command's discussion.
    static let exitCodeHelp = """
        Exit code \(Self.exitCode.rawValue), and nothing written, where --if-version names one that stands no more.
        """
}

extension ExpectedVersion {
    /// As the editor wrote it.
    var text: String? {
        switch self {
        case .any: nil
        case .absent: "0"
        case .exactly(let version): String(version)
        }
    }
}
