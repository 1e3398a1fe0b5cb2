// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Which credentials and rules a mosquitto was started with, or told to read since.
struct AccessRead: Codable, Hashable {
    private let pid: pid_t
    /// FNV-1a of the files, 64 bits: tells that something has changed, and none of what it is.
    private let fingerprint: UInt64

    init(by pid: pid_t, _ files: [Data?]) {
        self.pid = pid
        var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ byte: UInt8) { fingerprint = (fingerprint ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        for file in files {
            for byte in file ?? Data() { take(byte) }
            // No byte of UTF-8 text: where a file ends, and whether it is there.
            take(file == nil ? 0xFE : 0xFF)
        }
        self.fingerprint = fingerprint
    }
}
