// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Paths as the system takes them. `..` is left to the kernel: after a link it leads elsewhere than the text says.
enum DataFolderPath {
    static func url(_ text: String) -> URL { URL(filePath: absolute(text)) }

    /// Without what means nothing: a slash too many, a `.`, a slash at the end.
    static func absolute(_ text: String) -> String {
        let path = text.hasPrefix("/") ? text : FileManager.default.currentDirectoryPath + "/" + text
        return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
