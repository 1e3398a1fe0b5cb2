// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// What the reader chose, as it stands in the address. What isn't understood falls back to the default of its part.
package struct BoardQuery: Hashable, Sendable {
    package enum Show: String, Sendable, CaseIterable {
        case everyone, here, available
    }

    /// `q`: words that a name, room or subject must hold.
    package var text = ""
    /// `show`
    package var show = Show.everyone
    /// `department`: the scope of the screen and of its stream.
    package var department: String?
    /// `page`: from 1.
    package var page = 1
    /// `lang`, if the address names one.
    package var language: Language?
    /// `size`
    package var textSize = TextSize.normal
    /// `at=kiosk` on a person's sheet: the screen that it was opened from.
    package var layout = BoardLayout.public

    package init() {}

    /// Reads the query of an address, as a form or a link writes it (`application/x-www-form-urlencoded`: `+` is a
    /// space). Of a name that comes twice, the first counts.
    ///
    /// - Parameter query: what follows `?`, as it came, still encoded; nil if there is none.
    package init(_ query: String?) {
        let fields = (query ?? "").prefix(bytes: 4096).split(separator: "&").compactMap { field -> (String, String)? in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first else { return nil }
            return (Self.decoded(name), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
        let value = { (name: String) in fields.first { $0.0 == name }?.1 }
        text = String((value("q") ?? "").prefix(80)).prefix(bytes: 320)
        show = value("show").flatMap(Show.init) ?? .everyone
        department = value("department").flatMap { $0.isEmpty ? nil : String($0.prefix(200)).prefix(bytes: 800) }
        page = value("page").flatMap { Int($0) }.flatMap { (1...100_000).contains($0) ? $0 : nil } ?? 1
        language = value("lang").flatMap { Language(rawValue: $0) }
        textSize = value("size").flatMap { Int($0) }.flatMap(TextSize.init) ?? .normal
        layout = value("at") == "kiosk" ? .kiosk : .public
    }

    /// Name and value of everything that isn't the default, in the order of an address.
    var parameters: [(name: String, value: String)] {
        var list: [(name: String, value: String)] = []
        if let department { list.append(("department", department)) }
        if show != .everyone { list.append(("show", show.rawValue)) }
        if !text.isEmpty { list.append(("q", text)) }
        if page > 1 { list.append(("page", String(page))) }
        if let language { list.append(("lang", language.rawValue)) }
        if textSize != .normal { list.append(("size", String(textSize.rawValue))) }
        return list
    }

    /// The board's address with these choices; `change` alters a copy first.
    func link(_ board: BoardLayout, _ change: (inout BoardQuery) -> Void = { _ in }) -> String {
        var query = self
        change(&query)
        return board.path + Self.queryString(query.parameters)
    }

    /// The address of a person's sheet, which remembers the board that it came from.
    func personLink(_ id: Int64, from board: BoardLayout) -> String {
        let origin = board == .kiosk ? [(name: "at", value: "kiosk")] : []
        return "/faculty/\(id)" + Self.queryString(origin + parameters)
    }

    private static func queryString(_ parameters: [(name: String, value: String)]) -> String {
        guard !parameters.isEmpty else { return "" }
        return "?" + parameters.map { "\($0.name)=\(percentEncoded($0.value))" }.joined(separator: "&")
    }

    private static func decoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// RFC 3986: everything but unreserved characters.
    static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
