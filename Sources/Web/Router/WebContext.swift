// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Hummingbird
import Logging
package import NIOCore

/// What a handler knows beside the request: the connection, which a stream cuts when a write on it stands still.
package struct WebContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
