// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Adds and subtracts, stopping at the ends of `Int64` instead of trapping.
///
/// Numbers from a unit, or from an outside writer in the database, may have any size. A sum at the end of the range is
/// good enough; a crash is not.
extension Int64 {
    package func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }

    package func saturatingSubtract(_ other: Int64) -> Int64 {
        let (difference, overflows) = subtractingReportingOverflow(other)
        return overflows ? (other < 0 ? .max : .min) : difference
    }
}
