// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit
import Foundation
import Simulation

/// Lets a person operate one simulated unit until they quit.
struct DeskSession {
    let driver: UnitDriver
    let title: String
    /// The consultation that the unit shows as a request.
    let consultation: Int64
    private let input = DeskInput()
    private let isTerminal = isatty(1) == 1
    private let isColoured = isatty(1) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    init(driver: UnitDriver, title: String, consultation: Int64) {
        self.driver = driver
        self.title = title
        self.consultation = consultation
    }

    /// Runs until the person quits or the input ends. Returns whether every event was acknowledged.
    func run() async -> Bool {
        let terminal = RawTerminal()
        let hasKeys = terminal != nil
        let isSettled = await withTaskGroup(of: Void.self) { group in
            group.addTask { await driver.run() }
            group.addTask { await follow(hasKeys: hasKeys) }
            while let wish = await nextWish(hasKeys: hasKeys), wish != .quit { await fulfil(wish) }
            let isSettled = await driver.isAcknowledged(within: .seconds(hasKeys ? 1 : 5))
            group.cancelAll()
            return isSettled
        }
        // Restores the terminal before the last lines are printed.
        _ = consume terminal
        if !isSettled {
            let count = await driver.unacknowledgedCount()
            Note.print(
                count > 0
                    ? "\(count) \(count == 1 ? "event was" : "events were") not acknowledged by the database: is a server running, and does it know this unit?"
                    : "Not everything reached the broker: is it there, and does the credential hold?")
        }
        return isSettled
    }

    /// Returns nil at the end of the input.
    private func nextWish(hasKeys: Bool) async -> DeskWish? {
        while true {
            if hasKeys {
                guard let key = await input.key() else { return nil }
                if let wish = DeskWish(key: key) { return wish }
            } else {
                guard let line = await input.line() else { return nil }
                if line.allSatisfy(\.isWhitespace) { continue }
                if let wish = DeskWish(line: line) { return wish }
                Note.print("'\(line)' means nothing here. Write one of: \(DeskWish.linesHelp)")
            }
        }
    }

    private func fulfil(_ wish: DeskWish) async {
        switch wish {
        case .beaconIn: await driver.take(.beaconSeen(rssi: -55))
        case .beaconOut: await driver.take(.beaconLost)
        case .left(let isHeld): await driver.take(.pressed(.left, isHeld ? .held : .short))
        case .right(let isHeld): await driver.take(.pressed(.right, isHeld ? .held : .short))
        case .request:
            await driver.show(
                consultation: consultation, student: "Ana Lim", topic: "Thesis",
                text: "Chapter 3 method: may I use the smaller sample?")
        case .cut: await driver.cut()
        case .reboot: _ = await driver.reboot()
        case .wait(let duration): try? await ContinuousClock().sleep(for: duration)
        case .quit: break
        }
    }

    private func follow(hasKeys: Bool) async {
        var last: [String] = []
        for await screen in driver.screens {
            var lines = [title] + PanelText.lines(screen.panel, isColoured: isColoured)
            lines.append(screen.linkText)
            if hasKeys { lines.append(DeskWish.keysHelp) }
            guard lines != last else { continue }
            last = lines
            // A terminal redraws the panel in place; otherwise each panel follows the last one.
            let clear = isTerminal && hasKeys ? "\u{1B}[H\u{1B}[2J" : ""
            print(clear + lines.joined(separator: isTerminal && hasKeys ? "\r\n" : "\n"))
            fflush(nil)
        }
    }
}

extension UnitScreen {
    /// The line below the panel: the connection's state, which the unit itself doesn't show.
    fileprivate var linkText: String {
        let link = isConnected ? "connected" : "not connected" + (linkNote.map { ": \(PlainReason.of($0))" } ?? "")
        return unacknowledged == 0 ? link : link + " · \(unacknowledged) to be acknowledged"
    }
}
