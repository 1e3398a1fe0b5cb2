// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The environment variables that begin with our prefix.
enum SettingVariables {
    /// The passwords of `consultease move`, which are no settings of an installation.
    static let ofMove = (from: "CONSULTEASE_FROM_PASSWORD", to: "CONSULTEASE_TO_PASSWORD")

    /// The variables of this project's scripts and tests, which are no settings of the program.
    private static let ofTools: Set<String> = [
        "CONSULTEASE_BIN", "CONSULTEASE_DEB", "CONSULTEASE_SEED", "CONSULTEASE_SOAK", "CONSULTEASE_LOAD_MESSAGES",
    ]

    /// Throws `SettingsError` for an unknown name.
    static func values(in environment: [String: String]) throws -> [SettingName: String] {
        var values: [SettingName: String] = [:]
        let names = Dictionary(uniqueKeysWithValues: SettingName.allCases.map { ($0.variable, $0) })
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(SettingName.prefix)
        {
            if let name = names[variable] {
                values[name] = text
            } else if !isAnothers(variable, text) {
                throw SettingsError(
                    "there is no setting \(variable), which stands in the environment"
                        + "\(NearName.question(variable, among: names.keys.sorted())) `consultease settings` lists them"
                )
            }
        }
        return values
    }

    private static func isAnothers(_ variable: String, _ text: String) -> Bool {
        if [ofMove.from, ofMove.to].contains(variable) || ofTools.contains(variable) { return true }
        if variable.hasPrefix("CONSULTEASE_DEB_") { return true }
        // Kubernetes sets such variables for each service in the namespace, and one is likely to be called consultease.
        let rest = String(variable.dropFirst(SettingName.prefix.count))
        return rest.contains("SERVICE_HOST") || rest.contains("SERVICE_PORT") || rest.contains("_TCP")
            || (rest.hasSuffix("PORT") && text.contains("://"))
    }
}
