// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The sender of a message.
enum MessageSide: String, ExpressibleByArgument {
    case unit
    case server
}
