// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A page that says what could not be shown, and what to do.
struct ProblemView {
    let frame: PageFrame
    let icon: String
    let text: String
    /// The address to try again, where that may help.
    let reload: String?
    let back: String
    let data: String? = nil
    let refresh: String? = nil

    init(status: Int, layout: BoardLayout, query: BoardQuery, words: Words) {
        let (title, text, mayPass): (Phrase, Phrase, Bool) =
            switch status {
            case 404, 410: (.notFoundTitle, .notFoundText, false)
            case 503: (.unavailableTitle, .unavailableText, true)
            case 500...: (.faultTitle, .faultText, true)
            default: (.refusedTitle, .refusedText, false)
            }
        frame = PageFrame(
            words: words, title: words(title), layout: layout, query: query, link: { query.link(layout, $0) })
        icon = mayPass ? "fault" : "search"
        self.text = words(text)
        // An empty reference is the address that failed.
        reload = mayPass ? "" : nil
        back = query.link(layout)
    }
}
