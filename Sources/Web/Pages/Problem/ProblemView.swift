// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A page that says what could not be shown, and what to do.
struct ProblemView {
    let frame: PageFrame
    let icon: String
    let text: String
    /// Whether the same address may answer later.
    let mayPass: Bool
    /// Seconds after which the page asks again; nil if a person decides. A kiosk or a hall display that found its
    /// server starting would otherwise stay as it is until a person comes by.
    let again: Int?
    /// It has no controls.
    let isUntouched: Bool
    let back: String
    let data: String? = nil
    let refresh: String? = nil

    init(status: Int, layout: BoardLayout, query: BoardQuery, words: Words) {
        let asksAgain = layout != .public
        let (title, text, mayPass): (Phrase, Phrase, Bool) =
            switch status {
            case 404, 410: (.notFoundTitle, .notFoundText, false)
            case 503: (.unavailableTitle, asksAgain ? .unavailableAgain : .unavailableText, true)
            case 500...: (.faultTitle, asksAgain ? .faultAgain : .faultText, true)
            default: (.refusedTitle, .refusedText, false)
            }
        frame = PageFrame(
            words: words, title: words(title), layout: layout, query: query, link: { query.link(layout, $0) })
        icon = mayPass ? "fault" : "search"
        self.text = words(text)
        self.mayPass = mayPass
        again = mayPass && asksAgain ? 10 : nil
        isUntouched = layout == .hall
        back = query.link(layout)
    }
}
