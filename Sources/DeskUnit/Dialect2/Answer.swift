// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What an owner's press says to the one who asks.
package enum Answer: Equatable, Sendable {
    case accept
    /// Come in so many minutes, 1…480.
    case later(minutes: UInt32)
    case busy
    case decline

    /// What a key means while a request is on the panel: left is *come now* or, held, *in 10 min*; right is *busy*, or
    /// *in 1 h*.
    package init(_ key: Key, _ press: Press) {
        switch (key, press) {
        case (.left, .short): self = .accept
        case (.left, .held): self = .later(minutes: 10)
        case (.right, .short): self = .busy
        case (.right, .held): self = .later(minutes: 60)
        }
    }

    var word: StaticString {
        switch self {
        case .accept: "accept"
        case .later: "later"
        case .busy: "busy"
        case .decline: "decline"
        }
    }
}
