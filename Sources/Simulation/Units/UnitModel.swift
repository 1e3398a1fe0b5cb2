// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import DeskUnit

/// A desk unit of either dialect behind one interface. Pure, like the machines inside.
package struct UnitModel: Sendable {
    package let unit: LoadUnit
    package let settings: UnitSettings
    private var machine: Machine

    private enum Machine: Sendable {
        case one(UnitMachine1)
        case two(UnitMachine2)
    }

    /// - Parameter boot: identifies the first start of a dialect 2 unit.
    package init(_ unit: LoadUnit, settings: UnitSettings, boot: UInt64) {
        self.unit = unit
        self.settings = settings
        machine = Self.machine(unit, settings, boot: boot, after: nil)
    }

    private static func machine(
        _ unit: LoadUnit, _ settings: UnitSettings, boot: UInt64, after former: Machine?
    ) -> Machine {
        switch unit.dialect {
        case .one:
            return .one(
                UnitMachine1(
                    configuration: UnitConfiguration1(
                        faculty: UInt64(unit.faculty), name: Array(unit.name.utf8),
                        heartbeatEvery: settings.heartbeatEvery.milliseconds,
                        grace: settings.awayAfter.milliseconds, isAtLeastOnce: settings.isOldUnitAtLeastOnce)))
        case .two:
            let former: UnitMachine2? = if case .two(let machine) = former { machine } else { nil }
            return .two(
                UnitMachine2(
                    configuration: UnitConfiguration2(
                        unit: Array(unit.unit.utf8), firmware: Array("1.0.0".utf8),
                        awayAfter: settings.awayAfter.milliseconds),
                    boot: BootName(random: boot), after: former))
        }
    }

    package mutating func handle(_ input: UnitInput, at now: Uptime) -> [UnitAction] {
        switch machine {
        case .one(var one):
            defer { machine = .one(one) }
            return one.handle(input, at: now)
        case .two(var two):
            defer { machine = .two(two) }
            return two.handle(input, at: now)
        }
    }

    /// Restarts the unit.
    package mutating func restart(boot: UInt64) {
        machine = Self.machine(unit, settings, boot: boot, after: machine)
    }

    package var isPresent: Bool {
        switch machine {
        case .one(let one): one.isPresent
        case .two(let two): two.isPresent
        }
    }

    /// The number of events that the database has not acknowledged; always 0 in dialect 1, which has no
    /// acknowledgements.
    package var unacknowledgedCount: Int {
        switch machine {
        case .one: 0
        case .two(let two): two.unacknowledgedCount
        }
    }

    package var will: UnitMessage? {
        switch machine {
        case .one: nil
        case .two(let two): two.will
        }
    }

    package var subscription: [UInt8] {
        switch machine {
        case .one(let one): one.configuration.subscription
        case .two(let two): two.configuration.subscription
        }
    }

    /// Returns whether the panel shows a request that a key would answer.
    package func isAsking(at now: Uptime) -> Bool {
        switch machine {
        case .one(let one): one.isAsking
        case .two(let two): two.isAsking(at: now)
        }
    }

    package func panel(at now: Uptime) -> Panel {
        switch machine {
        case .one(let one): one.panel
        case .two(let two): two.panel(at: now)
        }
    }
}

/// The settings of simulated units.
package struct UnitSettings: Sendable, Equatable {
    /// The time between heartbeats in dialect 1.
    package var heartbeatEvery: Duration
    /// How long the beacon may be missed before its owner counts as away.
    package var awayAfter: Duration
    /// Whether this unit, if it speaks dialect 1, publishes at QoS 1 rather than 0.
    package var isOldUnitAtLeastOnce: Bool
    /// The time between two ticks of the unit's loop.
    package var tickEvery: Duration

    package init(
        heartbeatEvery: Duration = .seconds(60), awayAfter: Duration = .seconds(60),
        isOldUnitAtLeastOnce: Bool = false, tickEvery: Duration = .milliseconds(250)
    ) {
        self.heartbeatEvery = heartbeatEvery
        self.awayAfter = awayAfter
        self.isOldUnitAtLeastOnce = isOldUnitAtLeastOnce
        self.tickEvery = tickEvery
    }
}
