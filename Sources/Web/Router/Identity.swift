// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The caller of a request. There are no accounts yet, so every caller is anonymous and may read what is public.
enum Identity: Sendable, Hashable {
    case anonymous
}
