// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// Whose message it is.
enum MessageSide: String, ExpressibleByArgument {
    case unit
    case server
}
