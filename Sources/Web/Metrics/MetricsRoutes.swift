// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Hummingbird

/// `/metrics` on the pages' port, for clients with the token.
struct MetricsRoutes: RouteCollection {
    let page: MetricsPage
    let token: BearerToken

    var routes: [Route] {
        [.get(MetricsPage.path) { request, _ in try page.answer(request, token: token) }]
    }
}
