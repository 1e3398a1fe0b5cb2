// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension PacketBody {
    /// Reads a PUBLISH, and throws at the first broken rule. If the policy is to deliver, it throws only if it can't
    /// read the topic's length or the packet identifier; any other fault goes into `Publish.fault`.
    static func publish(
        _ reader: inout PacketReader, flags: UInt8, from sender: Role, in version: ProtocolVersion,
        _ policy: UnreadableMessagePolicy
    ) throws(CodecError) -> Publish {
        let name = try reader.binary()
        let topic = PacketReader.text(name)
        let isDuplicate = flags & 0b1000 != 0
        let delivery: Publish.Delivery =
            switch (flags >> 1) & 0b11 {
            case 0: .atMostOnce
            case 1: .atLeastOnce(try reader.packetID(), isDuplicate: isDuplicate)
            default: .exactlyOnce(try reader.packetID(), isDuplicate: isDuplicate)
            }
        var publish = Publish(
            topic: topic ?? PacketReader.repaired(name), payload: [], delivery: delivery, isRetained: flags & 1 != 0)
        do throws(CodecError) {
            if topic == nil, policy == .close { throw PacketReader.notText }
            if version == .v5 {
                let section = try PropertyCodec.read(&reader, at: .publish, from: sender, policy)
                (publish.properties, publish.droppedProperties) = (section.properties, section.dropped)
            }
            guard topic != nil else { throw PacketReader.notText }
            if publish.topic.isEmpty {
                guard publish.properties.contains(.topicAlias) else {
                    throw .protocolError("a topic is empty, without an alias")
                }
            } else if !TopicRules.isName(publish.topic) {
                throw .malformed("a topic name holds a wildcard")
            }
        } catch {
            guard policy == .deliver else { throw error }
            publish.fault = error
        }
        publish.payload = reader.rest()
        return publish
    }
}
