// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// The JSON payloads that a server sends to units of dialect 1. Each case is the body of the topic that it names.
package enum ServerNotice {
    /// `requests`
    package struct Request: Hashable, Sendable {
        package var id: ConsultationID
        package var student: StudentID
        package var studentName: String
        package var studentDepartment: String
        package var faculty: FacultyID
        package var facultyName: String
        package var message: String
        package var courseCode: String?
        package var status: ConsultationStatus
        package var requestedAt: Timestamp

        package init(
            id: ConsultationID, student: StudentID, studentName: String, studentDepartment: String, faculty: FacultyID,
            facultyName: String, message: String, courseCode: String?, status: ConsultationStatus,
            requestedAt: Timestamp
        ) {
            self.id = id
            self.student = student
            self.studentName = studentName
            self.studentDepartment = studentDepartment
            self.faculty = faculty
            self.facultyName = facultyName
            self.message = message
            self.courseCode = courseCode
            self.status = status
            self.requestedAt = requestedAt
        }

        package var encoded: [UInt8] {
            let body: JSONValue = [
                "id": JSONValue(id.rawValue), "student_id": JSONValue(student.rawValue),
                "student_name": .string(studentName), "student_department": .string(studentDepartment),
                "faculty_id": JSONValue(faculty.rawValue), "faculty_name": .string(facultyName),
                "request_message": .string(message), "course_code": JSONValue(courseCode),
                "status": .string(status.rawValue), "requested_at": .string(requestedAt.iso8601),
            ]
            return body.encoded
        }
    }

    /// `cancellations`
    package struct Cancellation: Hashable, Sendable {
        package var consultation: ConsultationID
        package var studentName: String
        package var courseCode: String?
        package var cancelledAt: Timestamp

        package init(
            consultation: ConsultationID, studentName: String, courseCode: String?, cancelledAt: Timestamp
        ) {
            self.consultation = consultation
            self.studentName = studentName
            self.courseCode = courseCode
            self.cancelledAt = cancelledAt
        }

        package var encoded: [UInt8] {
            let body: JSONValue = [
                "type": "consultation_cancelled", "consultation_id": JSONValue(consultation.rawValue),
                "student_name": .string(studentName), "course_code": JSONValue(courseCode),
                "cancelled_at": .string(cancelledAt.iso8601),
            ]
            return body.encoded
        }
    }

    /// `status_update` and `consultease/system/notifications`, sent after each change.
    package struct FacultyStatus: Hashable, Sendable {
        package var faculty: FacultyID
        package var facultyName: String
        /// True exactly when availability is *available*.
        package var status: Bool
        package var previousStatus: Bool
        /// Sent as `sequence`.
        package var revision: Revision
        package var timestamp: Timestamp
        package var version: Int64

        package init(
            faculty: FacultyID, facultyName: String, status: Bool, previousStatus: Bool, revision: Revision,
            timestamp: Timestamp, version: Int64
        ) {
            self.faculty = faculty
            self.facultyName = facultyName
            self.status = status
            self.previousStatus = previousStatus
            self.revision = revision
            self.timestamp = timestamp
            self.version = version
        }

        package var encoded: [UInt8] {
            let body: JSONValue = [
                "type": "faculty_status", "faculty_id": JSONValue(faculty.rawValue),
                "faculty_name": .string(facultyName), "status": .bool(status),
                "previous_status": .bool(previousStatus), "sequence": JSONValue(revision.number),
                "timestamp": .string(timestamp.iso8601), "version": JSONValue(version),
            ]
            return body.encoded
        }
    }
}
