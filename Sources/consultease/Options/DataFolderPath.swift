// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Normalizes paths. It leaves `..` to the kernel, since after a link it leads elsewhere than the text says.
enum DataFolderPath {
    static func url(_ text: String) -> URL { URL(filePath: absolute(text)) }

    /// Removes repeated slashes, `.` components and a slash at the end.
    static func absolute(_ text: String) -> String {
        let path = text.hasPrefix("/") ? text : FileManager.default.currentDirectoryPath + "/" + text
        return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// Resolves links. If the file doesn't exist yet, the links of its folder are resolved.
    static func resolved(_ path: String) -> String {
        if let whole = real(path) { return whole }
        let file = URL(filePath: path)
        return real(file.deletingLastPathComponent().path).map { "\($0)/\(file.lastPathComponent)" } ?? path
    }

    private static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
