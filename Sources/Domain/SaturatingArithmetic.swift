// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Sums that stop at the ends of `Int64` instead of trapping.
///
/// What a unit sends or an outsider wrote into the database may be of any size: the end of the range is far enough, and
/// no reason to stop.
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
