// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Store
import Testing

/// A migration that has landed ran on databases in the field, so its script must stay as it was.
@Suite("Landed migrations never change")
struct FrozenSchemaTests {
    struct Landed: Sendable {
        let version: Int64
        let dialect: SQLDialect
        /// The FNV-1a hash, 64 bits, of the script's UTF-8 bytes.
        let checksum: UInt64
    }

    static let landed: [Landed] = [
        Landed(version: 1, dialect: .sqlite, checksum: 0x0D985ACDD8ECC282),
        Landed(version: 1, dialect: .postgreSQL, checksum: 0x11C533EA8DA0CC4B),
        Landed(version: 2, dialect: .sqlite, checksum: 0xBB1A0591DF7DA958),
        Landed(version: 2, dialect: .postgreSQL, checksum: 0x5CBE139F0864190E),
        Landed(version: 3, dialect: .sqlite, checksum: 0x66C1A8D76143D429),
        Landed(version: 3, dialect: .postgreSQL, checksum: 0x41F92849D4715ADE),
        Landed(version: 4, dialect: .sqlite, checksum: 0x5C5B98D1AB7895F3),
        Landed(version: 4, dialect: .postgreSQL, checksum: 0xC3DB4B27A9FA0606),
    ]

    @Test(arguments: landed)
    func aLandedScriptIsAsItWas(landed: Landed) throws {
        let migration = try #require(Migrator.migrations.first { $0.version == landed.version })
        #expect(
            checksum(of: migration.script(landed.dialect)) == landed.checksum,
            "schema \(landed.version) has landed: leave its script alone, and add a new migration")
    }

    @Test func everyMigrationIsHeldToAChecksumOnBothEngines() {
        let versions = Migrator.migrations.map(\.version)
        #expect(versions == Array(1...Int64(versions.count)))
        for dialect in [SQLDialect.sqlite, .postgreSQL] {
            #expect(Self.landed.filter { $0.dialect == dialect }.map(\.version) == versions)
        }
    }

    /// FNV-1a (Fowler, Noll and Vo) finds accidental changes, which is all that this test needs.
    private func checksum(of text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
