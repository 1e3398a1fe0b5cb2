// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging

extension MQTTClient {
    func connectForEver() async {
        var retry = ReconnectPolicy(configuration.backoff, stableAfter: configuration.stableAfter)
        var marker = MarkerKeeper(configuration.session)
        var (account, takeovers) = (OutageAccount(), OutageAccount())
        while !Task.isCancelled {
            board.enter(.connecting)
            let report = await attempt(&marker)
            guard !Task.isCancelled else { return }
            let decision = retry.next(
                after: report.end, lifetime: report.lifetime, randomUnit: environment.randomUnit())
            board.enter(.disconnected(report.end))
            let hasLasted = report.lifetime.map { $0 >= configuration.stableAfter } ?? false
            if report.end == .cut {
                // The client cut this connection itself. Counting it as an outage would keep the next real end out of
                // the log.
                logger.info("MQTT connection ended", metadata: ["reason": "\(report.end)"])
            } else {
                log(report.end, account.line(for: "\(report.end)", hasLasted: hasLasted, at: .now))
            }
            if decision.looksLikeTakeover, takeovers.line(for: "", hasLasted: hasLasted, at: .now) != nil {
                logger.warning("MQTT client id seems to be used by another client too")
            }
            // If the task is cancelled, the sleep ends and so does the loop.
            try? await environment.clock.sleep(for: decision.delay)
        }
    }

    /// Runs one connection, from the session marker to its end.
    private func attempt(_ marker: inout MarkerKeeper) async -> ConnectionReport {
        do {
            if try await marker.prepare() { await driver.rememberSession() }
        } catch {
            return Self.markerFailed(error)
        }
        let report = await withTaskCancellationHandler {
            await driver.connectAndServe()
        } onCancel: {
            driver.requestStop()
        }
        guard report.serverKeepsSession == false else { return report }
        do {
            try await marker.forget()
            return report
        } catch {
            return Self.markerFailed(error)
        }
    }

    private static func markerFailed(_ error: any Error) -> ConnectionReport {
        ConnectionReport(
            end: .sessionMarkerFailed(String(describing: error)), lifetime: nil, serverKeepsSession: nil)
    }

    /// - Parameter line: nil if the log has recently reported this outage.
    private func log(_ end: ConnectionEnd, _ line: OutageAccount.Line?) {
        guard let line else { return }
        var metadata: Logger.Metadata = ["reason": "\(end)"]
        if line.untold > 0 { metadata["failed-attempts-since-last-line"] = "\(line.untold)" }
        switch end {
        case .stopped, .cut, .sessionDiscarded: logger.info("MQTT connection ended", metadata: metadata)
        case .refused, .protocolError, .subscriptionRefused, .sessionMarkerFailed, .tls:
            logger.error("MQTT connection ended", metadata: metadata)
        case .connectFailed, .transportFailed, .closedByServer, .closedUnanswered, .disconnectedByServer, .timedOut,
            .unknownSession:
            logger.warning("MQTT connection ended", metadata: metadata)
        }
    }
}

/// Records that a session exists before a connection can create one.
struct MarkerKeeper: Sendable {
    private let marker: (any SessionMarker)?
    private var hasAsked = false
    private var isRecorded = false

    init(_ policy: SessionPolicy) {
        switch policy {
        case .clean: marker = nil
        case .persistent(_, let marker): self.marker = marker
        }
    }

    /// The client calls this before each CONNECT. Returns true, once, if an earlier process left a session.
    mutating func prepare() async throws -> Bool {
        guard let marker else { return false }
        try await marker.confirm()
        var isRemembered = false
        if !hasAsked {
            isRemembered = try await marker.hasSession()
            isRecorded = isRemembered
            hasAsked = true
        }
        if !isRecorded {
            try await marker.recordSession()
            isRecorded = true
        }
        return isRemembered
    }

    /// Removes the record after the server has said that it keeps no session.
    mutating func forget() async throws {
        guard let marker, isRecorded else { return }
        try await marker.forgetSession()
        isRecorded = false
    }
}
