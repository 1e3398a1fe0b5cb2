// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Which ConsultEase this is: told by `--version`, metrics, traces and backups.
enum ProgramVersion {
    static let text = "0.1.0"
}
