// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A file that pages load, held in the binary.
package struct Asset: Sendable {
    package let bytes: [UInt8]
    /// The header `Content-Type`.
    package let contentType: String
    /// Of the bytes alone: the same in every instance of one build. Without quotes.
    package let version: String

    /// The header `ETag`.
    package var etag: String { "\"\(version)\"" }

    init(_ bytes: [UInt8], _ contentType: String) {
        self.bytes = bytes
        self.contentType = contentType
        // FNV-1a: it need only change when the file does.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        version = String(hash, radix: 36)
    }
}

/// Styles, scripts and marks, served under `/assets/`.
package enum Assets {
    /// The asset of that name; nil if there is none.
    package static func asset(named name: String) -> Asset? { all[name] }

    /// The header `Cache-Control` for a request with or without the parameter `v`: an address that names the current
    /// version may be kept for a year; any other is asked for again.
    package static func cacheControl(for asset: Asset, version: String?) -> String {
        version == asset.version ? "public, max-age=31536000, immutable" : "no-cache"
    }

    /// The address of an asset with its version: `/assets/marks.svg?v=…`.
    static func path(of name: String) -> String {
        "/assets/\(name)" + (all[name].map { "?v=\($0.version)" } ?? "")
    }

    private static let all: [String: Asset] = {
        let script = "text/javascript; charset=utf-8"
        return [
            "screens.css": Asset(styles, "text/css; charset=utf-8"),
            "marks.svg": Asset(PackageResources.marks_svg, "image/svg+xml"),
            "icon.svg": Asset(PackageResources.icon_svg, "image/svg+xml"),
            "board.js": Asset(PackageResources.board_js, script),
            "cards.js": Asset(PackageResources.cards_js, script),
            "keys.js": Asset(PackageResources.keys_js, script),
            "letters.js": Asset(PackageResources.letters_js, script),
            "people.js": Asset(PackageResources.people_js, script),
            "says.js": Asset(PackageResources.says_js, script),
            "source.js": Asset(PackageResources.source_js, script),
            "stream.js": Asset(PackageResources.stream_js, script),
        ]
    }()

    /// The browser gets one file. Its parts stand in the folders of their pages; later ones build on earlier ones.
    private static let styles: [UInt8] =
        PackageResources.tokens_css + PackageResources.base_css + PackageResources.card_css
        + PackageResources.tools_css + PackageResources.kiosk_css + PackageResources.public_css
        + PackageResources.hall_css + PackageResources.sheet_css + PackageResources.problem_css
}
