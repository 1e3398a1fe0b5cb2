// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A password that no description, log line or dump shows.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let value: String

    package init(_ value: String) {
        self.value = value
    }

    package var description: String { "(secret)" }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
