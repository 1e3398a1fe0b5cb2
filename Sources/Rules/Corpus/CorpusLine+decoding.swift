// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Wire

extension CorpusLine {
    /// Reads a line. Background fields are ignored; `expect` may be missing.
    package init(decoding line: some Collection<UInt8>) throws(CorpusLineError) {
        let object: JSONObject
        do throws(JSONError) {
            guard case .object(let root) = try JSONParser.parse(line, depth: 64) else {
                throw JSONError.malformed(at: 0)
            }
            object = root
        } catch {
            switch error {
            case .notUTF8: throw CorpusLineError("not UTF-8")
            case .malformed(let position): throw CorpusLineError("no JSON object: byte \(position + 1)")
            case .tooDeep: throw CorpusLineError("nested too deep")
            }
        }
        guard let id = object.string("id") else { throw CorpusLineError("no text in \"id\"") }
        let expect = object.object("expect")
        self.init(
            id: id,
            message: try Publication(object, delivery: expect?.string("delivery") ?? object.string("delivery")),
            isServers: object.string("origin") == "central", prior: try Self.prior(object),
            expected: try expect.flatMap { expect throws(CorpusLineError) in try Outcome(expect) })
    }

    private static func prior(_ object: JSONObject) throws(CorpusLineError) -> [Prior] {
        guard let value = object.value("prior") else { return [] }
        guard case .array(let elements) = value else { throw CorpusLineError("\"prior\" is no array") }
        var prior: [Prior] = []
        for element in elements {
            guard case .object(let earlier) = element,
                let ago = earlier.whole("ago_ms", in: 0...Int64(UInt32.max) * 1000)
            else { throw CorpusLineError("a message in \"prior\" has no \"ago_ms\"") }
            let message = try Publication(earlier, delivery: earlier.string("delivery"))
            prior.append(Prior(message: message, ago: Span(milliseconds: ago)))
        }
        return prior
    }
}

extension CorpusLine.Publication {
    fileprivate init(_ object: JSONObject, delivery: String?) throws(CorpusLineError) {
        guard let topic = object.string("topic") else { throw CorpusLineError("no text in \"topic\"") }
        let payload: [UInt8]
        if let hex = object.string("payload_hex") {
            guard let bytes = [UInt8](hex: hex) else { throw CorpusLineError("\"payload_hex\" is no hex") }
            payload = bytes
        } else if let text = object.string("payload") {
            payload = Array(text.utf8)
        } else {
            throw CorpusLineError("neither \"payload\" nor \"payload_hex\"")
        }
        self.init(topic: topic, payload: payload, isOnSubscribe: delivery == "on-subscribe")
    }
}

extension CorpusLine.Outcome {
    /// Returns nil if `expect` doesn't say whether the line is accepted.
    fileprivate init?(_ expect: JSONObject) throws(CorpusLineError) {
        guard let accepted = expect.bool("accepted") else { return nil }
        let status = expect.string("new_status")
        let newStatus = status.flatMap(ConsultationStatus.init(rawValue:))
        guard status == nil || newStatus != nil else { throw CorpusLineError("unknown \"new_status\"") }
        self.init(
            accepted: accepted, faculty: expect.value("faculty_id")?.id.flatMap { FacultyID($0) },
            present: expect.bool("present"),
            consultation: expect.value("consultation_id")?.id.flatMap { ConsultationID($0) }, newStatus: newStatus)
    }
}

extension CorpusLine {
    /// Returns what `consultease wire` prints for a line: one JSON object. `reason` is null for an accepted message,
    /// and the server's code for a refused one.
    package static func answer(_ verdict: Verdict, id: String?) -> JSONValue {
        let outcome = Outcome(verdict)
        let reason: RefusalReason? = if case .refused(let refusal) = verdict { refusal.reason } else { nil }
        return [
            "id": JSONValue(id), "accepted": .bool(outcome.accepted),
            "faculty_id": JSONValue(outcome.faculty?.rawValue), "present": JSONValue(outcome.present),
            "consultation_id": JSONValue(outcome.consultation?.rawValue),
            "new_status": JSONValue(outcome.newStatus?.rawValue), "reason": JSONValue(reason?.rawValue),
        ]
    }
}

extension JSONObject {
    fileprivate func object(_ key: String) -> JSONObject? {
        guard case .object(let object) = value(key) else { return nil }
        return object
    }
}

extension [UInt8] {
    /// Returns nil unless the text is pairs of hex digits.
    package init?(hex text: String) {
        let digits = text.utf8.map(JSONParser.hexValue)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            append(high << 4 | low)
        }
    }
}
