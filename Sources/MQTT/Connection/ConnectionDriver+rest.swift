// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Messages that arrive when the client can't acknowledge any more. The server sends those of QoS 1 again; those of QoS
/// 0 are lost.
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

    /// The connection is gone: hands on the messages of QoS 0 that are whole in what had come in, whether there is room
    /// or not. Nothing that comes after a broken rule is looked at.
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
