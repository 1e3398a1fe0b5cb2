// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The answer that an owner's press gives to the student.
package enum Answer: Equatable, Sendable {
    case accept
    /// Come in this many minutes, 1…480.
    case later(minutes: UInt32)
    case busy
    case decline

    /// Returns the meaning of a key while the panel shows a request: left is *come now* or, held, *in 10 min*; right is
    /// *busy* or, held, *in 1 h*.
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
