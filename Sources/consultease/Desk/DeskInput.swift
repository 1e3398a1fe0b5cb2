// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// What the person at a simulated unit wants done.
enum DeskWish: Equatable {
    case beaconIn
    case beaconOut
    case left(isHeld: Bool)
    case right(isHeld: Bool)
    case request
    case cut
    case reboot
    /// Lines alone: do nothing for so long.
    case wait(Duration)
    case quit

    /// One key of a terminal; nil for a key that means nothing.
    init?(key: UInt8) {
        switch key {
        case UInt8(ascii: "i"): self = .beaconIn
        case UInt8(ascii: "o"): self = .beaconOut
        case UInt8(ascii: "l"): self = .left(isHeld: false)
        case UInt8(ascii: "L"): self = .left(isHeld: true)
        case UInt8(ascii: "r"): self = .right(isHeld: false)
        case UInt8(ascii: "R"): self = .right(isHeld: true)
        case UInt8(ascii: "a"): self = .request
        case UInt8(ascii: "c"): self = .cut
        case UInt8(ascii: "b"): self = .reboot
        case UInt8(ascii: "q"), 3, 4: self = .quit
        default: return nil
        }
    }

    static let keysHelp =
        "i in · o out · l/L left, hold · r/R right, hold · a somebody asks · c cut · b reboot · q quit"

    /// One line of a script; nil for one that means nothing.
    init?(line: String) {
        let words = line.split(separator: " ").map { $0.lowercased() }
        switch (words.first, words.count) {
        case ("in", 1): self = .beaconIn
        case ("out", 1): self = .beaconOut
        case ("left", 1): self = .left(isHeld: false)
        case ("right", 1): self = .right(isHeld: false)
        case ("left", 2) where words[1] == "hold": self = .left(isHeld: true)
        case ("right", 2) where words[1] == "hold": self = .right(isHeld: true)
        case ("ask", 1): self = .request
        case ("cut", 1): self = .cut
        case ("reboot", 1): self = .reboot
        case ("quit", 1): self = .quit
        case ("wait", 2):
            guard let seconds = Double(words[1]), (0...86_400).contains(seconds) else { return nil }
            self = .wait(.seconds(seconds))
        default: return nil
        }
    }

    static let linesHelp = "in, out, left, left hold, right, right hold, ask, cut, reboot, wait SECONDS, quit"
}

/// Standard input, asked for one thing at a time. Blocking reads happen on a queue of their own.
struct DeskInput: Sendable {
    private let queue = DispatchQueue(label: "consultease.desk.input")

    /// One byte; nil at the end.
    func key() async -> UInt8? {
        await reading {
            var byte: UInt8 = 0
            return read(0, &byte, 1) == 1 ? byte : nil
        }
    }

    /// One line without its end; nil at the end.
    func line() async -> String? {
        await reading { readLine(strippingNewline: true) }
    }

    private func reading<Value: Sendable>(_ body: @escaping @Sendable () -> Value?) async -> Value? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}

/// A terminal that gives each key at once and doesn't echo it, for as long as this value is held.
struct RawTerminal: ~Copyable {
    private var before = termios()

    /// Nil where standard input is no terminal.
    init?() {
        guard isatty(0) == 1, tcgetattr(0, &before) == 0 else { return nil }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        guard tcsetattr(0, TCSANOW, &raw) == 0 else { return nil }
    }

    deinit {
        var before = before
        tcsetattr(0, TCSANOW, &before)
    }
}
