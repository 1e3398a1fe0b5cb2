// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// An action that the person at a simulated unit asks for.
enum DeskWish: Equatable {
    case beaconIn
    case beaconOut
    case left(isHeld: Bool)
    case right(isHeld: Bool)
    case request
    case cut
    case reboot
    /// Do nothing for this long. Only a script has this.
    case wait(Duration)
    case quit

    /// The action of a terminal's key; nil if the key has none.
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

    /// The action of a script's line; nil if the line has none.
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

/// Reads standard input one key or line at a time. The blocking reads run on their own dispatch queue.
struct DeskInput: Sendable {
    private let queue = DispatchQueue(label: "consultease.desk.input")

    /// Returns one byte; nil at the end of the input.
    func key() async -> UInt8? {
        await reading {
            var byte: UInt8 = 0
            return read(0, &byte, 1) == 1 ? byte : nil
        }
    }

    /// Returns one line without its line break; nil at the end of the input.
    func line() async -> String? {
        await reading { readLine(strippingNewline: true) }
    }

    private func reading<Value: Sendable>(_ body: @escaping @Sendable () -> Value?) async -> Value? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}

/// Switches the terminal to raw mode (each key at once, no echo) for as long as this value lives.
struct RawTerminal: ~Copyable {
    private var before = termios()

    /// Returns nil if standard input is no terminal.
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
