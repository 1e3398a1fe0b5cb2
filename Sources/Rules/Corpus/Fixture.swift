// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Wire

/// The state in which `consultease wire` and the tests judge every line of a corpus (`wire/protocol.md`).
package enum Fixture {
    /// Makes faculty 1…5 with beacons AA:BB:CC:DD:EE:01…05; units `desk-1`…`desk-5` of dialect 2, each in boot
    /// `b0000001` with seq 1…10 applied, after boot `a0000001` with 1…4; the unassigned unit `desk-9`; and
    /// consultations in the states that the protocol names, the pending ones on their units' screens. No unit is
    /// configured for `professor/status`.
    ///
    /// The desks were heard ten seconds before `now`, and last reported their person present.
    package static func world(at now: Timestamp) -> World {
        var world = World()
        let heardAt = now - .seconds(10)
        for number in 1...5 {
            guard let faculty = FacultyID(Int64(number)), let desk = UnitID("desk-\(number)"),
                let beacon = BeaconAddress("AA:BB:CC:DD:EE:0\(number)"), let former = BootID("a0000001"),
                let current = BootID("b0000001")
            else { continue }
            world.faculty[faculty] = FacultyFacts(beacons: [beacon])
            world.units[desk] = UnitFacts(
                dialect: .two, faculty: faculty, link: UnitLink(heardAt: heardAt), currentBoot: current)
            world.boots[BootKey(unit: desk, boot: former)] = BootFacts(seen: SequenceSet(1...4))
            world.boots[BootKey(unit: desk, boot: current)] = BootFacts(seen: SequenceSet(1...10), lastPresence: 10)
            world.presences[faculty] = Presence(
                state: .present, since: heardAt, source: .beacon, unit: desk, evidenceAt: heardAt, isVerified: true)
        }
        if let spare = UnitID("desk-9") { world.units[spare] = UnitFacts(dialect: .two, faculty: nil) }
        for (id, number, status) in consultations {
            guard let consultation = ConsultationID(id), let faculty = FacultyID(number) else { continue }
            world.consultations[consultation] = ConsultationFacts(
                faculty: faculty, status: status,
                onScreenOf: status == .pending ? UnitID(dialect1: faculty) : nil)
        }
        return world
    }

    private static let consultations: [(id: Int64, faculty: Int64, status: ConsultationStatus)] = [
        (42, 1, .pending), (43, 1, .pending), (44, 1, .accepted), (45, 1, .cancelled), (50, 2, .pending),
        (61, 4, .pending), (70, 3, .pending), (1, 5, .pending),
    ]
}
