// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

/// Tests what every actor here relies on, and what one compiler setting would break (docs/decisions/0015).
@Suite("Isolation")
struct IsolationTests {
    struct Refused: Error {}

    actor Refuser {
        func refuse() throws { throw Refused() }
    }

    actor Keeper {
        /// Ends the process if the actor continues on another executor than its own.
        func goOn() async {
            do { try await relay(Refuser()) } catch { preconditionIsolated() }
            do { try await relayStaying(Refuser()) } catch { preconditionIsolated() }
            await withTaskCancellationHandler {
                do { try await relay(Refuser()) } catch { preconditionIsolated() }
            } onCancel: {
            }
        }
    }

    /// The error comes from another actor, through code that belongs to neither.
    @Test func anActorIsStillAloneAfterAnErrorFromAnother() async {
        await #expect(processExitsWith: .success) { await Keeper().goOn() }
    }
}

private func relay(_ refuser: IsolationTests.Refuser) async throws {
    try await refuser.refuse()
}

private func relayStaying(
    _ refuser: IsolationTests.Refuser, isolation: isolated (any Actor)? = #isolation
) async throws {
    try await refuser.refuse()
}
