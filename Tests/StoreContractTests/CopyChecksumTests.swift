// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Randomness
import SQL
import SQLite
import Store
import TestSupport
import Testing

@Suite("Checksums of rows")
struct CopyChecksumTests {
    /// Values of MurmurHash3_x64_128 with the seed 0, computed by other implementations.
    @Test(arguments: [
        ("", "00000000000000000000000000000000"),
        ("hello", "cbd8a7b341bd9b025b1e906a48ae1d19"),
        ("hello, world", "342fac623a5ebc8e4cdcbc079642414d"),
        ("The quick brown fox jumps over the lazy dog.", "cd99481f9ee902c9695da1a38987b6e7"),
    ])
    func theHashIsTheOneThatIsDocumented(_ text: String, _ expected: String) {
        #expect(RowChecksum.of(Array(text.utf8)).description == expected)
    }

    /// Pairs of contents that a careless encoding would confuse.
    @Test(arguments: [
        ("'ab', 'c'", "'a', 'bc'"), ("NULL, ''", "'', NULL"), ("'1', ''", "'', '1'"), ("'a', NULL", "'a', ''"),
        ("'é', 'x'", "'e\u{301}', 'x'"),
    ])
    func differentRowsDiffer(_ one: String, _ other: String) async throws {
        #expect(try await digest(of: [one]) != digest(of: [other]))
    }

    @Test func valuesThatChangeRowsDiffer() async throws {
        #expect(try await digest(of: ["'a', 'b'", "'c', 'd'"]) != digest(of: ["'a', 'd'", "'c', 'b'"]))
        #expect(try await digest(of: ["'a', 'b'"]) != digest(of: ["'a', 'b'", "'a', 'b'"]))
    }

    @Test(arguments: [3, 17, 2026] as [UInt64])
    func everyChangedCharacterIsSeen(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var bytes = (0..<200).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let original = RowChecksum.of(bytes)
        for _ in 0..<200 {
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
            bytes[position] ^= bit
            #expect(RowChecksum.of(bytes) != original, "seed \(seed), byte \(position)")
            bytes[position] ^= bit
        }
    }

    /// Returns the digest of `faculty` if the rows with ids from 1 have these rooms and subjects.
    private func digest(of rows: [String]) async throws -> TableDigest? {
        try await withStore(.sqliteInMemory) { fixture in
            try await fixture.store.write { transaction in
                for (index, row) in rows.enumerated() {
                    try transaction.connection.script(
                        """
                        INSERT INTO faculty (id, name, surname, department, room, subjects)
                        VALUES (\(index + 1), 'N', 'N', 'D', \(row))
                        """)
                }
            }
            return try await fixture.store.read { transaction in
                try TableDigest.all(schema: Migrator.currentVersion, transaction.connection)
                    .first { $0.table == "faculty" }
            }
        }
    }
}
