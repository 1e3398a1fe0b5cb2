// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Service

/// Serves `/api/v1/events`: the board as server-sent events, resumable by `Last-Event-ID`.
struct EventsAPI: RouteCollection {
    private let dependencies: WebDependencies
    private let gate: StreamGate
    private let hub: StreamHub
    private let clients: ClientAddress
    private let reader: BoardReader

    init(_ dependencies: WebDependencies) {
        self.dependencies = dependencies
        hub = StreamHub(dependencies)
        let limits = dependencies.limits
        gate = StreamGate(
            limit: limits.openStreams, share: limits.streamsOfOnePeer, log: RefusalLog(logger: dependencies.logger))
        clients = ClientAddress(proxies: dependencies.proxies)
        reader = BoardReader(dependencies)
    }

    var routes: [Route] {
        [.get("/api/v1/events") { request, context in try await open(request, context) }]
    }

    private func open(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = Query(request.uri.query)
        let department = try query.department()
        let (after, field) = try resumption(query, request)
        // A stream claims from its first event that the board is live, so a stale board has no streams.
        guard dependencies.board.staleAt == nil else { throw Problem.stale }
        if let after { try await reader.know(after, as: field) }
        let peer = clients.find(connection: context.channel.remoteAddress, request.headers).map(Peer.init)
        try gate.check(peer)
        let stream = EventStream(
            dependencies: dependencies, gate: gate, hub: hub, peer: peer, department: department, after: after,
            channel: context.channel)
        var headers: HTTPFields = [:]
        headers[.contentType] = "text/event-stream"
        headers[.cacheControl] = "no-store"
        headers[.accelBuffering] = "no"
        // Nothing is subscribed to until the body is written, so HEAD and a connection that broke leave nothing behind.
        let body = ResponseBody { writer in try await stream.run(for: request, to: &writer) }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Returns the revision that the reader has. A browser that reconnects sends the header, which wins over `after` in
    /// its address.
    private func resumption(_ query: Query, _ request: Request) throws -> (tag: RevisionTag?, field: String) {
        let (parameter, header) = ("after", "Last-Event-ID")
        let after = try query.revision(parameter)
        guard let last = request.headers[.lastEventID], !last.isEmpty else { return (after, parameter) }
        return (try RevisionTag(given: last, as: header), header)
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name(constant: "Last-Event-ID")
    /// Tells nginx to pass events on at once.
    static let accelBuffering = HTTPField.Name(constant: "X-Accel-Buffering")
}
