// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Tracing

extension Ingest {
    /// What messages are traced with on their way here; nil if nothing is traced.
    package var tracer: (any Tracer)? { trail.tracer }
}
