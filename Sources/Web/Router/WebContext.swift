// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Hummingbird
import Logging
package import NIOCore

/// What a handler knows beside the request.
package struct WebContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection. A stream cuts it when a write on it stands still.
    package let channel: any Channel
    /// The caller, as far as the request proves who it is. A middleware sets it before any handler runs.
    var identity = Identity.anonymous

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
