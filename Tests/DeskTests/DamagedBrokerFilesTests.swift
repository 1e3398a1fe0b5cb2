// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import TestSupport
import Testing

@testable import Desk

/// Tests files of the broker's folder in the states that a power cut leaves.
@Suite("Damaged files of the broker's folder", .timeLimit(.minutes(5)))
struct DamagedBrokerFilesTests {
    enum Damage: CaseIterable {
        case empty, zeros, halved, garbage

        func done(to data: Data) -> Data {
            switch self {
            case .empty: Data()
            case .zeros: Data(count: max(data.count, 64))
            case .halved: data.prefix(data.count / 2)
            case .garbage: Data((0..<200).map { UInt8(truncatingIfNeeded: 137 &+ $0 &* 89) })
            }
        }
    }

    private static let files = [
        BrokerFiles.passwords, BrokerFiles.serverPassword, BrokerFiles.acl, BrokerFiles.openACL, BrokerFiles.facts,
        BrokerFiles.accessRead, BrokerFiles.running, BrokerFiles.configuration, BrokerFiles.lock, BrokerFiles.queue,
    ]

    /// With any damage the broker starts and accepts the server, and the open listener admits no unit that it refused
    /// before.
    @Test(arguments: files, Damage.allCases)
    func theBrokerStartsAllTheSame(_ name: String, _ damage: Damage) async throws {
        try await withTemporaryFolder { data in
            let folder = BrokerFolder(in: data)
            let configuration = BrokerConfiguration(
                desks: Endpoint(host: "127.0.0.1", port: try freePort()), openDesks: nil, isRoot: geteuid() == 0)
            try folder.prepare()
            try folder.setPasswords([(user: "d1-7", password: "secret-secret")])
            try folder.follow(BrokerFacts())
            try await run(folder, configuration)
            let openBefore = try String(contentsOf: folder.url.appending(path: BrokerFiles.openACL), encoding: .utf8)
            let file = folder.url.appending(path: name)
            let before = (try? Data(contentsOf: file)) ?? Data()
            try damage.done(to: before).write(to: file)
            try await run(folder, configuration)
            #expect(folder.hasServerPassword && folder.passwords().has(BrokerConfiguration.serverUser))
            if name == BrokerFiles.serverPassword { #expect(try Data(contentsOf: file) != before) }
            let rules = try String(contentsOf: folder.url.appending(path: BrokerFiles.openACL), encoding: .utf8)
            #expect(rules == BrokerACL.closedText || rules.contains("topic deny consultease/faculty/7/#"), "\(rules)")
            if name != BrokerFiles.openACL, rules != BrokerACL.closedText { #expect(rules == openBefore) }
        }
    }

    /// Runs the folder's broker until it accepts connections.
    private func run(_ folder: BrokerFolder, _ configuration: BrokerConfiguration) async throws {
        let broker = EmbeddedBroker(
            folder: folder, configuration: configuration, triesForEver: true, logger: quietLogger)
        let (ready, tell) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run { tell.yield() } }
            for await _ in ready { break }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func credentialsThatWereLostKeepTheOpenListenerClosedUntilAnOperatorHasLooked() throws {
        try withFolder { folder in
            try folder.setPasswords([(user: "d1-7", password: "secret-secret")])
            try Data().write(to: folder.url.appending(path: BrokerFiles.passwords))
            try folder.prepare()
            #expect(folder.damagedPasswords.count == 1)
            #expect(try openRules(folder) == BrokerACL.closedText)
            for name in folder.damagedPasswords {
                try FileManager.default.removeItem(at: folder.url.appending(path: name))
            }
            try folder.prepare()
            #expect(try openRules(folder) != BrokerACL.closedText)
        }
    }

    @Test func factsThatCanNotBeReadCloseTheOpenListener() throws {
        try withFolder { folder in
            try Data("{".utf8).write(to: folder.url.appending(path: BrokerFiles.facts))
            try folder.prepare()
            #expect(try openRules(folder) == BrokerACL.closedText)
            try folder.follow(BrokerFacts())
            #expect(try openRules(folder) != BrokerACL.closedText)
        }
    }

    @Test func aListenerForEveryAddressServesBothKinds() {
        let every = BrokerConfiguration(
            desks: Endpoint(host: "::", port: 1883), openDesks: Endpoint(host: "::1", port: 1884), isRoot: false)
        let text = every.text(folder: "/data")
        #expect(text.contains("\nlistener 1883\n") && text.contains("\nlistener 1884 ::1\n"))
        #expect(BrokerConfiguration.listeners(of: text) == every.listeners)
    }

    private func openRules(_ folder: BrokerFolder) throws -> String {
        try String(contentsOf: folder.url.appending(path: BrokerFiles.openACL), encoding: .utf8)
    }

    private func withFolder(_ body: (BrokerFolder) throws -> Void) throws {
        let data = FileManager.default.temporaryDirectory.appending(path: "broker-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: data) }
        let folder = BrokerFolder(in: data)
        try folder.prepare()
        try body(folder)
    }
}
