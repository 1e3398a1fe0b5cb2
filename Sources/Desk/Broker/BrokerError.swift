// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why the embedded broker can't be used; each says its remedy.
package enum BrokerError: Error, Sendable, Hashable, CustomStringConvertible {
    case programMissing(String, package: String)
    case socketPathTooLong(String, longest: Int)
    case cannotWrite(String)
    case noFolder(String)
    case passwordsNotHashed
    case spaceInPath(String)
    /// `listening`: where it was told to listen.
    case didNotStart(listening: [Endpoint], log: String)
    /// Another process runs one, and would be left with another broker than it was told to run.
    case listensElsewhere(pid: Int32, listening: [Endpoint], wanted: [Endpoint])

    package var description: String {
        switch self {
        case .programMissing(let name, let package):
            "\(name) is not installed: apt-get install \(package), or name a broker of your own with --broker"
        case .socketPathTooLong(let path, let longest):
            "the broker's socket \(path) is longer than \(longest) bytes: choose a shorter --data folder"
        case .cannotWrite(let path):
            "cannot write \(path): is the data folder yours, and is there space?"
        case .noFolder(let path):
            "there is no broker folder at \(path): start `consultease serve` once, or name its folder with --data"
        case .passwordsNotHashed:
            "mosquitto_passwd could not hash the credentials: is mosquitto 2 installed?"
        case .spaceInPath(let path):
            "mosquitto can't read a path with a space in it, as \(path): choose another --data folder"
        case .didNotStart(let listening, let log):
            "the broker did not start. Is a port taken (\(Endpoint.list(listening)))? Choose with --desks. Its last words: \(log)"
        case .listensElsewhere(let pid, let listening, let wanted):
            "a broker runs for this data folder already, as the process \(pid), and listens on \(Endpoint.list(listening)), not on \(Endpoint.list(wanted)): give the same --desks and --open-desks, or stop what runs it first"
        }
    }
}
