// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HTTPTypes
import Hummingbird
import Logging
import Metrics

/// Around every request: errors become answers, HEAD loses its body, what happened is counted and, at debug, logged.
struct EdgeMiddleware: RouterMiddleware {
    typealias Context = WebContext

    let routes: RouteTable
    let problems: ProblemPages
    let logger: Logger

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = problem(for: error, request, context)
            response = problems.page(for: problem, request) ?? problem.response
        }
        if request.method == .head { response = response.createHeadResponse() }
        record(request, context, response.status, ContinuousClock.now - start)
        return response
    }

    private func problem(for error: any Error, _ request: Request, _ context: WebContext) -> Problem {
        switch error {
        case let problem as Problem:
            return problem
        case let error as HTTPError where error.status == .notFound:
            let methods = routes.methods(of: request.uri.path)
            return methods.isEmpty ? .noSuchResource : .methodNotAllowed(methods)
        case let error as HTTPError where error.status.kind == .clientError:
            return Problem(
                status: error.status, code: "refused", title: "The request was refused",
                detail: "This server can't take the request as it stands; see /api/v1/openapi.json for what it takes.")
        case is CancellationError:
            return .shuttingDown
        default:
            logger.error(
                "A request failed", metadata: ["route": "\(context.endpointPath ?? "-")", "error": "\(error)"])
            return .failed
        }
    }

    private func record(
        _ request: Request, _ context: WebContext, _ status: HTTPResponse.Status, _ duration: Duration
    ) {
        // A pattern, never a path: labels must stay few.
        let route = context.endpointPath ?? "NotFound"
        // Methods come from outside too; the conventions have one word for unknown ones.
        let method =
            [.get, .head, .post, .put, .delete, .options].contains(request.method) ? request.method.rawValue : "_OTHER"
        Metrics.Timer(
            label: "http.server.request.duration",
            dimensions: [
                ("http.request.method", method), ("http.route", route), ("http.response.status_code", "\(status.code)"),
            ]
        ).record(duration: duration)
        logger.debug(
            "Request answered",
            metadata: [
                "method": "\(request.method.rawValue.prefix(bytes: 16))", "route": "\(route)",
                "status": "\(status.code)", "duration": "\(duration)", "identity": "\(context.identity)",
            ])
    }
}
