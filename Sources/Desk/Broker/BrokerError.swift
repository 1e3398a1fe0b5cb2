// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why the embedded broker can't be used; each says its remedy.
package enum BrokerError: Error, Sendable, Hashable, CustomStringConvertible {
    case programMissing(String, package: String)
    case socketPathTooLong(String, longest: Int)
    case cannotWrite(String)
    case passwordsNotHashed
    case spaceInPath(String)
    /// `listening`: where it was told to listen.
    case didNotStart(listening: String, log: String)

    package var description: String {
        switch self {
        case .programMissing(let name, let package):
            "\(name) is not installed: apt-get install \(package), or name a broker of your own with --broker"
        case .socketPathTooLong(let path, let longest):
            "the broker's socket \(path) is longer than \(longest) bytes: choose a shorter --data folder"
        case .cannotWrite(let path):
            "cannot write \(path): is the data folder yours, and is there space?"
        case .passwordsNotHashed:
            "mosquitto_passwd could not hash the credentials: is mosquitto 2 installed?"
        case .spaceInPath(let path):
            "mosquitto can't read a path with a space in it, as \(path): choose another --data folder"
        case .didNotStart(let listening, let log):
            "the broker did not start. Is a port taken (\(listening))? Choose with --desks. Its last words: \(log)"
        }
    }
}
