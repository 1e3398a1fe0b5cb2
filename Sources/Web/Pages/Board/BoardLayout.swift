// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The three screens that show the board, and what differs between them by design.
package enum BoardLayout: String, Sendable, CaseIterable {
    /// A touch kiosk, 1024×600: pages, never scrolling.
    case kiosk
    /// A phone or a desk: rows.
    case `public`
    /// A hall display, 1920×1080: read from afar, without touch.
    case hall

    /// The address of the screen.
    package var path: String {
        switch self {
        case .kiosk: "/kiosk"
        case .public: "/"
        case .hall: "/hall"
        }
    }

    /// `data-theme` of the page: kiosks are light, halls dark, the rest follow the reader's system.
    var theme: String {
        switch self {
        case .kiosk: "light"
        case .public: "auto"
        case .hall: "dark"
        }
    }

    var colourScheme: String {
        switch self {
        case .kiosk: "only light"
        case .public: "light dark"
        case .hall: "only dark"
        }
    }
}

/// How people are drawn, and how many to a page.
struct BoardForm: Hashable {
    enum Shape: String {
        case cards, tiles, rows, hall
    }

    let shape: Shape
    let pageSize: Int
    /// Width for a name inside a card, in pixels at 100 % text: what `Fit` measures against.
    let cardRoom: Int

    /// Dense from 46 people; fewer and larger as the text grows, and the phone's rows at 200 %.
    init(layout: BoardLayout, textSize: TextSize, everyone: Int) {
        switch (layout, textSize) {
        case (.kiosk, .normal): self = everyone > 45 ? Self(shape: .tiles, 20) : Self(shape: .cards, 9)
        case (.kiosk, .large): self.init(shape: .cards, 6, cardRoom: 168)
        case (.kiosk, .larger): self.init(shape: .cards, 4, cardRoom: 228)
        case (.kiosk, .largest): self.init(shape: .rows, 40)
        case (.public, _): self.init(shape: .rows, 100)
        case (.hall, _): self.init(shape: .hall, 14)
        }
    }

    /// A state's word has its short form, if it has one.
    var isNarrow: Bool { shape == .tiles || shape == .hall || (shape == .cards && cardRoom < 200) }

    private init(shape: Shape, _ pageSize: Int, cardRoom: Int = 215) {
        self.shape = shape
        self.pageSize = pageSize
        self.cardRoom = cardRoom
    }
}

/// Text sizes in per cent of the design's.
package enum TextSize: Int, Sendable, CaseIterable {
    case normal = 100
    case large = 125
    case larger = 150
    case largest = 200

    /// What the size button leads to.
    var next: TextSize {
        switch self {
        case .normal: .large
        case .large: .larger
        case .larger: .largest
        case .largest: .normal
        }
    }
}
