// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// What a script reads: one JSON value on standard output, keys in a fixed order.
enum JSONOutput {
    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        Swift.print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

/// What a person reads beside the result: standard error, so that standard output stays for scripts.
enum Note {
    static func print(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}

/// An optional that stands as null if it is nil, so that a script needn't tell missing from null.
@propertyWrapper
struct OrNull<Value: Encodable>: Encodable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension OrNull: Sendable where Value: Sendable {}
