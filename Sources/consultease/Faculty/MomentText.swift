// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Foundation

/// A moment as an operator writes it: ISO 8601 with its zone, seconds or not.
enum MomentText {
    @Sendable
    static func read(_ text: String) throws -> Timestamp {
        // "…T15:00Z" is ISO 8601 too, but Foundation asks for seconds.
        let spelled = text.replacing(#/(T\d\d:\d\d)(?=Z|[+-]|$)/#) { "\($0.output.1):00" }
        let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? Date(spelled, strategy: .iso8601)) ?? (try? Date(spelled, strategy: withFraction)) else {
            throw ValidationError(
                "'\(text)' is no moment: write it with its zone, as 2026-11-30T08:00:00+08:00, or use --for 2h")
        }
        return Timestamp(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }
}

/// A length of time as an operator writes it: days, hours and minutes, as `1d12h` or `90m`.
enum SpanText {
    /// A year and a day: more is a slip of the keyboard.
    private static let longest = Span.minutes(367 * 24 * 60)

    @Sendable
    static func read(_ text: String) throws -> Span {
        guard let match = text.lowercased().wholeMatch(of: #/(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,7})m)?/#) else {
            throw malformed(text)
        }
        let minutes = { (digits: Substring?, factor: Int64) in digits.flatMap { Int64($0) }.map { $0 * factor } ?? 0 }
        let sum = minutes(match.output.1, 1440) + minutes(match.output.2, 60) + minutes(match.output.3, 1)
        let span = Span.minutes(sum)
        guard sum > 0, span <= longest else { throw malformed(text) }
        return span
    }

    private static func malformed(_ text: String) -> ValidationError {
        ValidationError("'\(text)' is no span of at most a year: write it as 30m, 2h or 1d12h")
    }
}
