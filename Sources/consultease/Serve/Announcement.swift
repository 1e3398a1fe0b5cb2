// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation

/// The addresses of the pages, printed for the operator who started the server.
struct Announcement {
    let pages: Endpoint

    /// - Parameter port: the one that was taken, if `listen` leaves it open.
    init(_ listen: Endpoint, port: Int) {
        pages = Endpoint(host: listen.host, port: port).reachable
    }

    func print(json: Bool) {
        let url = "http://\(pages)"
        let text =
            json
            ? #"{"url":"\#(url)","port":\#(pages.port)}"#
            : "ConsultEase is on \(url)\n  kiosk  \(url)/kiosk\n  hall   \(url)/hall\n  API    \(url)/api/v1/faculty"
        Swift.print(text)
        fflush(nil)
    }
}
