// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// What comes in when nothing can be acknowledged any more. At QoS 1 the server sends it again; at QoS 0 nobody does.
extension ConnectionDriver {
    /// So much may come behind our own goodbye.
    private static var mostLateBytes: Int { 1 << 20 }

    func receivedLate(_ bytes: ByteBuffer) {
        if end == .stopped, decoder.bufferedByteCount + bytes.readableBytes <= Self.mostLateBytes {
            decoder.append(bytes)
        } else {
            bytesDropped += bytes.readableBytes
        }
    }

    /// The connection is gone: hands on the messages of QoS 0 that are whole in what had come in, whether there is room or not.
    /// Nothing that comes after a broken rule is looked at.
    func takeRest() {
        if case .protocolError = end { return }
        guard acceptedAt != nil, let buffer else { return }
        while let packet = try? decoder.next() {
            guard case .publish(let publish) = packet, publish.delivery == .atMostOnce,
                !publish.properties.contains(.topicAlias)
            else { continue }
            machine.counters.messagesReceived += 1
            _ = buffer.append(IncomingMessage(publish, connection: machine.counters.connections, .none))
        }
    }
}
