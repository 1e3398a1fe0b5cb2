// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension ConnectionDriver {
    /// Returns at the outcome. When the task is cancelled it throws `CancellationError`; what was sent stays sent.
    func publish(_ message: SessionMachine.OutgoingMessage) async throws -> PublishOutcome {
        try Task.checkCancellation()
        guard !hasEnded, !isStopping else { throw PublishError.stopped }
        let token = nextToken
        nextToken += 1
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                waiters[token] = waiter
                handle(.publish(message, token))
            }
        } onCancel: {
            // Runs after the publish above: the loop takes jobs in order.
            enqueue { driver in
                guard let waiter = driver.waiters.removeValue(forKey: token) else { return }
                driver.handle(.forget(token))
                waiter.resume(throwing: CancellationError())
            }
        }
    }

    /// An earlier process left a session.
    func rememberSession() { handle(.sessionRemembered) }

    /// `run()` ends: no caller waits any longer.
    func finishAll() {
        hasEnded = true
        for waiter in waiters.values { waiter.resume(throwing: PublishError.stopped) }
        waiters = [:]
        buffer?.finish()
        publishStatus()
    }

    func adopt(_ buffer: MessageBuffer, _ book: AcknowledgementBook) {
        self.buffer = buffer
        self.book = book
    }
}
