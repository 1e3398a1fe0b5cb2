// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Hummingbird

/// One resource: its path as Hummingbird writes it (`/api/v1/faculty/{id}`), and what answers GET. HEAD is made from
/// GET.
struct Route: Sendable {
    let path: String
    let get: @Sendable (Request, WebContext) async throws -> Response
}

/// Whether a path names a resource whatever the method: tells 405 from 404.
struct RouteTable: Sendable {
    private let patterns: [[Substring]]

    init(paths: [String]) {
        patterns = paths.map { $0.split(separator: "/") }
    }

    func names(_ path: String) -> Bool {
        let segments = path.split(separator: "/")
        return patterns.contains { pattern in
            guard pattern.last == "**" ? segments.count >= pattern.count : segments.count == pattern.count else {
                return false
            }
            return zip(pattern, segments).allSatisfy { part, segment in
                part == segment || part == "**" || part.first == "{"
            }
        }
    }
}
