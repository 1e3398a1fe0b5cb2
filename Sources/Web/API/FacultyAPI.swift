// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HashTreeCollections
import Hummingbird
import Logging
import Service

/// `/api/v1/faculty` and `/api/v1/faculty/{id}`: the board as the former system's callers know it.
struct FacultyAPI: RouteCollection {
    private let reader: BoardReader
    private let lists = RevisionCache(FacultyList.body)
    private let logger: Logger

    init(_ dependencies: WebDependencies) {
        reader = BoardReader(dependencies)
        logger = dependencies.logger
    }

    var routes: [Route] {
        [
            .get("/api/v1/faculty") { request, _ in try await list(request) },
            .get("/api/v1/faculty/{id}") { request, context in
                try await one(request, id: context.parameters.get("id") ?? "")
            },
        ]
    }

    private func list(_ request: Request) async throws -> Response {
        let query = Query(request.uri.query)
        let department = try query.department()
        let snapshot = try await reader.snapshot(for: query)
        // The former system's words, which its owners look for.
        logger.debug(
            "Retrieved faculty members for dashboard (safe mode)",
            metadata: ["count": "\(snapshot.cards.count)", "revision": "\(snapshot.tag)"])
        let tag = EntityTag(snapshot.tag, scope: department)
        return await .tagged(tag, revision: snapshot.tag, request: request) {
            await lists.value(of: snapshot, department: department)
        }
    }

    private func one(_ request: Request, id text: String) async throws -> Response {
        let id = try FacultyID(given: text)
        let snapshot = try await reader.snapshot(for: Query(request.uri.query))
        guard let card = snapshot.card(of: id) else { throw Problem.noSuchFaculty }
        let tag = EntityTag(RevisionTag(lineage: snapshot.lineage, revision: card.revision))
        return await .tagged(tag, revision: snapshot.tag, request: request) { ByteBuffer(bytes: card.json) }
    }
}

extension FacultyID {
    /// Reads a path segment; refuses what JavaScript couldn't hold exactly.
    init(given text: String) throws(Problem) {
        guard let decoded = FormEncoding.decode(text, plusIsSpace: false), let id = FacultyID(digits: decoded),
            id.rawValue <= Self.largestAtOurDoors
        else {
            throw .malformed("id", "give a whole number from 1 to \(Self.largestAtOurDoors), without leading zeros.")
        }
        self = id
    }
}
