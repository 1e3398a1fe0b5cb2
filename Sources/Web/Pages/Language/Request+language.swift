// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Hummingbird

extension Request {
    /// The language of the answer: the one in the address, else the one that the reader chose before, else what the
    /// browser asks for.
    func language(_ query: BoardQuery) -> Language {
        Language.negotiate(
            parameter: query.language?.rawValue, cookie: cookies["lang"]?.value,
            acceptLanguage: headers[.acceptLanguage])
    }
}
