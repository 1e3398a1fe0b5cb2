// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Compares every place that shows the server's state with the oracle.
extension LoadRun {
    /// Reads every place until all agree with the oracle, or the limit has passed.
    func compare(_ oracle: Oracle, _ screens: [SimulatedScreen]) async -> [LoadReport.Check] {
        var checks: [LoadReport.Check] = []
        _ = await time.wait(upTo: options.limit, every: .milliseconds(250)) {
            checks = await look(oracle, screens)
            return checks.allSatisfy(\.differences.isEmpty)
        }
        return checks
    }

    private func look(_ oracle: Oracle, _ screens: [SimulatedScreen]) async -> [LoadReport.Check] {
        var checks: [LoadReport.Check] = []
        if let database {
            let differences: [Difference]
            do {
                differences = oracle.differences(in: try await database(), at: "database", of: roster)
            } catch {
                differences = [unreadable("database", error)]
            }
            checks.append(LoadReport.Check(place: "database", differences: differences))
        }
        guard let http else { return checks }
        var listed: [Int64: ScreenCard] = [:]
        do {
            listed = try await list(http)
            let state = EndState(faculty: listed.mapValues(\.facts))
            checks.append(
                LoadReport.Check(place: "api", differences: oracle.differences(in: state, at: "api", of: roster)))
        } catch {
            checks.append(LoadReport.Check(place: "api", differences: [unreadable("api", error)]))
        }
        for screen in screens {
            checks.append(await look(oracle, at: screen, beside: listed))
        }
        return checks
    }

    /// Compares one screen: it must show what the oracle expects and the same cards as the API, and must never have
    /// gone back to an older state.
    private func look(
        _ oracle: Oracle, at screen: SimulatedScreen, beside listed: [Int64: ScreenCard]
    ) async -> LoadReport.Check {
        let board = await screen.currentBoard()
        let state = EndState(faculty: board.cards.mapValues(\.facts))
        var differences = oracle.differences(in: state, at: screen.name, of: roster)
        for unit in roster.units {
            guard let shown = board.cards[unit.faculty], let card = listed[unit.faculty], shown != card else {
                continue
            }
            differences.append(
                Difference(
                    place: screen.name, subject: "faculty \(unit.faculty)",
                    expected: "the API's card (\(card.inWords))",
                    found: shown.inWords))
        }
        differences += board.violations.map {
            Difference(place: screen.name, subject: "stream", expected: "no step back", found: $0)
        }
        return LoadReport.Check(place: screen.name, differences: differences)
    }

    private func unreadable(_ place: String, _ error: any Error) -> Difference {
        let found =
            switch error {
            case let error as HTTPFetchError: "\(error)"
            case is DecodingError: "JSON of another form"
            default: "none: \(error)"
            }
        return Difference(place: place, subject: place, expected: "an answer", found: found)
    }

    private struct FacultyList: Decodable {
        var faculty: [ScreenCard]
    }

    private func list(_ http: HTTPAddress) async throws -> [Int64: ScreenCard] {
        let reply = try await HTTPFetcher(http).get("/api/v1/faculty")
        guard reply.status == 200 else { throw HTTPFetchError.status(reply.status) }
        let list = try JSONDecoder().decode(FacultyList.self, from: Data(reply.body))
        return Dictionary(list.faculty.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
