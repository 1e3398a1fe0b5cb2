// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The properties of a message in version 5. In 3.1.1 they are always empty, and publishing with any throws.
package struct MessageProperties: Hashable, Sendable {
    var properties: Properties

    init(_ properties: Properties) {
        self.properties = properties
    }

    /// - Parameters:
    ///   - user: the application's own names and values, in this order.
    ///   - isUTF8: says that the payload is UTF-8; publishing anything else then throws.
    ///   - expirySeconds: how long the server keeps the message for a disconnected subscriber; nil means for ever.
    package init(
        user: [UserProperty] = [], isUTF8: Bool = false, expirySeconds: UInt32? = nil, contentType: String? = nil,
        responseTopic: String? = nil, correlationData: [UInt8]? = nil
    ) {
        var list: [Property] = []
        if isUTF8 { list.append(.payloadFormatIsUTF8(true)) }
        if let expirySeconds { list.append(.messageExpiryInterval(expirySeconds)) }
        if let contentType { list.append(.contentType(contentType)) }
        if let responseTopic { list.append(.responseTopic(responseTopic)) }
        if let correlationData { list.append(.correlationData(correlationData)) }
        list += user.map { .userProperty($0) }
        properties = Properties(list)
    }

    package static let none = MessageProperties(Properties())

    package var isEmpty: Bool { properties.isEmpty }

    /// The user properties in the order in which they were sent.
    package var user: [UserProperty] {
        properties.list.compactMap { if case .userProperty(let property) = $0 { property } else { nil } }
    }

    package var isUTF8: Bool { properties.list.contains(.payloadFormatIsUTF8(true)) }

    /// The remaining expiry interval at the moment when the server sent the message.
    package var expirySeconds: UInt32? {
        for case .messageExpiryInterval(let seconds) in properties.list { return seconds }
        return nil
    }

    package var contentType: String? {
        for case .contentType(let text) in properties.list { return text }
        return nil
    }

    package var responseTopic: String? {
        for case .responseTopic(let topic) in properties.list { return topic }
        return nil
    }

    package var correlationData: [UInt8]? {
        for case .correlationData(let bytes) in properties.list { return bytes }
        return nil
    }
}
