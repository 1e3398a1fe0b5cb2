// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// What every page needs around its content, by the names that the templates use.
struct PageFrame {
    let language: String
    let words: [String: String]
    let assets: AssetLinks
    let layout: String
    let theme: String
    let colourScheme: String
    let size: Int
    let title: String
    /// The page's own address.
    let here: String
    let settings: SettingsLinks
    /// Which of several servers drew the page; nil if there is but one.
    let servedBy: String?
    /// The server itself can't say that what it shows is still so.
    let stale: Bool

    init(
        words: Words, title: String, layout: BoardLayout, query: BoardQuery, instance: String? = nil,
        isStale: Bool = false, link: (_ change: (inout BoardQuery) -> Void) -> String
    ) {
        language = words.language.rawValue
        self.words = words.texts
        assets = .current
        self.layout = layout.rawValue
        theme = layout.theme
        colourScheme = layout.colourScheme
        size = query.textSize.rawValue
        self.title = title
        here = link { _ in }
        stale = isStale
        servedBy = instance.map { words(.servedBy, ["instance": $0]) }
        let other = words.language.other
        let next = query.textSize.next
        settings = SettingsLinks(
            languageHref: link { $0.language = other }, languageCode: other.rawValue,
            sizeHref: link { $0.textSize = next },
            sizeLabel: words(
                .textSizeNow, ["size": String(query.textSize.rawValue), "next": String(next.rawValue)]))
    }
}

/// The buttons for language and text size.
struct SettingsLinks {
    let languageHref: String
    let languageCode: String
    let sizeHref: String
    let sizeLabel: String
}

/// Addresses of what every page loads, with the version that lets a browser keep it.
struct AssetLinks {
    let style: String
    let script: String
    let sprite: String
    let icon: String

    static let current = AssetLinks(
        style: Assets.path(of: "screens.css"), script: Assets.path(of: "board.js"),
        sprite: Assets.path(of: "marks.svg"), icon: Assets.path(of: "icon.svg"))
}

/// The words of a page that is not live yet: what it shows until the script has heard from the server, and for ever
/// if there is none. If the server itself can't say that it still is so, the page begins as one that has lost
/// contact.
struct FreshnessView {
    let clock: String
    let liveWord: String
    let liveText: String
    /// The notice for readers without script; nil if the words above say it already.
    let still: String?

    init(says moments: MomentWords) {
        let words = moments.words
        clock = moments.clock(moments.now)
        guard let staleAt = moments.staleAt else {
            liveWord = words(.asOf, ["time": clock])
            liveText = ""
            still = words(.notLiveNoScript, ["time": clock])
            return
        }
        liveWord = words(.notLive)
        liveText = words(
            .notLiveNoData, ["time": moments.clock(staleAt), "age": moments.fineAge(since: staleAt)])
        still = nil
    }
}
