// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The data about a faculty member that an administrator edits.
package struct FacultyProfile: Hashable, Sendable {
    /// The displayed name, with the title: "Prof. Juan Dela Cruz".
    package var name: String
    /// The sort key, shown large on a card: "Dela Cruz".
    package var surname: String
    package var department: String
    package var room: String?
    /// How to find the room.
    package var directions: String?
    package var subjects: String?
    package var email: String?
    package var imagePath: String?

    package init(
        name: String, surname: String? = nil, department: String, room: String? = nil, directions: String? = nil,
        subjects: String? = nil, email: String? = nil, imagePath: String? = nil
    ) {
        self.name = name
        self.surname = surname ?? Self.lastWord(of: name)
        self.department = department
        self.room = room
        self.directions = directions
        self.subjects = subjects
        self.email = email
        self.imagePath = imagePath
    }

    /// The name without the surname at its end: the second line of a card.
    package var givenName: String {
        guard name.hasSuffix(surname), name.count > surname.count else { return name == surname ? "" : name }
        var rest = name.dropLast(surname.count)
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    /// Returns the surname to use if none is given: the last word.
    package static func lastWord(of name: String) -> String {
        name.split(separator: " ").last.map(String.init) ?? name
    }
}

extension FacultyProfile {
    /// The part of a profile that is public.
    package struct Public: Hashable, Sendable {
        package let name: String
        package let surname: String
        package let givenName: String
        package let department: String
        package let room: String?
        package let directions: String?
        package let subjects: String?
        package let imagePath: String?
    }

    package var publicPart: Public {
        Public(
            name: name, surname: surname, givenName: givenName, department: department, room: room,
            directions: directions, subjects: subjects, imagePath: imagePath)
    }
}
