// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// A faculty member as entered and found well-formed; whether the id and the beacon are free, the database says.
package struct FacultyEntry: Hashable, Sendable {
    /// Nil takes the next free one.
    package let id: FacultyID?
    package let profile: FacultyProfile
    package let beacon: BeaconAddress?
    /// Made once and early: it costs more than all else that is done with an entry, and a transaction has no time for
    /// it.
    let key: PersonKey

    package init(id: FacultyID? = nil, profile: FacultyProfile, beacon: BeaconAddress? = nil) {
        self.id = id
        self.profile = profile
        self.beacon = beacon
        key = PersonKey(name: profile.name, department: profile.department)
    }

    /// Reads what was entered, each field as text; an absent or blank one counts as not given. Space at either end is
    /// dropped. The one place where people's fields are judged.
    ///
    /// - Parameter kept: fields that stand as they were stored: a stored value that would be refused today doesn't
    ///   block the edit of another field.
    package init(checking texts: [FacultyField: String], keeping kept: Set<FacultyField> = []) throws(FieldProblems) {
        var reader = FieldReader(texts: texts, kept: kept)
        let id = reader.id()
        let name = reader.text(.name)
        let surname = reader.text(.surname)
        let department = reader.text(.department)
        let (room, directions, subjects) = (reader.text(.room), reader.text(.directions), reader.text(.subjects))
        let email = reader.email()
        let beacon = reader.beacon()
        guard reader.problems.isEmpty, let name, let department else { throw FieldProblems(reader.problems) }
        self.init(
            id: id,
            profile: FacultyProfile(
                name: name, surname: surname, department: department, room: room, directions: directions,
                subjects: subjects, email: email),
            beacon: beacon)
    }
}

/// Reads fields one by one and gathers what is wrong with them.
private struct FieldReader {
    let texts: [FacultyField: String]
    let kept: Set<FacultyField>
    private(set) var problems: [FieldProblem] = []

    init(texts: [FacultyField: String], kept: Set<FacultyField>) {
        self.texts = texts
        self.kept = kept
    }

    mutating func text(_ field: FacultyField) -> String? {
        if kept.contains(field), let text = texts[field] { return text }
        let text = (texts[field] ?? "").trimmed
        let isSeen = text.unicodeScalars.contains(where: \.isVisible)
        let refused = text.unicodeScalars.first(where: \.isRefusedInText)
        guard isSeen || !field.isRequired && refused == nil else {
            let hidden = field.isRequired ? text.unicodeScalars.first : refused
            let problem = hidden.map { "is empty to the eye: it holds nothing but what is not seen, as \($0.named)" }
            refuse(
                field, problem ?? "is empty",
                field.isRequired ? "a person can't be shown without it" : "write what can be seen, or leave it out")
            return nil
        }
        guard isSeen else { return nil }
        if let refused {
            refuse(field, "\(text.quoted) holds \(refused.named)", "write it on one line, without that character")
            return nil
        }
        let length = text.unicodeScalars.count
        guard length <= FacultyField.longestText else {
            refuse(field, "is \(length) characters long", "shorten it to \(FacultyField.longestText)")
            return nil
        }
        return text
    }

    mutating func id() -> FacultyID? {
        guard let text = text(.id) else { return nil }
        guard let id = FacultyID(digits: text), id.rawValue <= FacultyID.largestAtOurDoors else {
            refuse(
                .id, "\(text.quoted) is no id",
                "write a whole number from 1 to \(FacultyID.largestAtOurDoors), or leave it out to take the next free one"
            )
            return nil
        }
        return id
    }

    mutating func email() -> String? {
        guard let text = text(.email) else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !text.contains(where: \.isWhitespace) else {
            refuse(
                .email, "\(text.quoted) is no e-mail address", "write it as name@university.example, or leave it out")
            return nil
        }
        return text
    }

    mutating func beacon() -> BeaconAddress? {
        guard let text = text(.beacon) else { return nil }
        guard let beacon = BeaconAddress(text) else {
            refuse(
                .beacon, "\(text.quoted) is no MAC address",
                "write twelve hex digits, as AA:BB:CC:DD:EE:FF, or leave it out")
            return nil
        }
        return beacon
    }

    private mutating func refuse(_ field: FacultyField, _ problem: String, _ remedy: String) {
        problems.append(FieldProblem(field: field, problem: problem, remedy: remedy))
    }
}
