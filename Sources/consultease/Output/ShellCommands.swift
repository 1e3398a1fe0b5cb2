// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Service
import Store

extension Commands {
    /// The server's commands as a shell calls them, beside a running server or without one. They write no log: results
    /// and errors go to the terminal.
    init(shell store: Store) {
        self.init(store: store, logger: OpenedStore.quiet)
    }
}
