// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes

/// Tells which methods a path takes, whatever the method of the request: so 405 is told from 404.
struct RouteTable: Sendable {
    private struct Resource {
        let pattern: [Substring]
        var methods: [HTTPRequest.Method]
    }

    private let resources: [Resource]

    init(_ routes: [Route]) {
        var resources: [Resource] = []
        for route in routes {
            let pattern = route.path.split(separator: "/")
            // HEAD is made from GET.
            let methods = route.method == .get ? [.get, .head] : [route.method]
            if let index = resources.firstIndex(where: { $0.pattern == pattern }) {
                resources[index].methods += methods
            } else {
                resources.append(Resource(pattern: pattern, methods: methods))
            }
        }
        self.resources = resources
    }

    /// The methods that the resource with this path takes, in the order of its routes; empty if there is no such
    /// resource.
    func methods(of path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        return resources.filter { Self.matches($0.pattern, segments) }.flatMap(\.methods)
    }

    private static func matches(_ pattern: [Substring], _ segments: [Substring]) -> Bool {
        pattern.count == segments.count
            && zip(pattern, segments).allSatisfy { part, segment in part == segment || part.first == "{" }
    }
}
