// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The templates and the catalogue, as the build embeds them. A page's own templates stand in its folder, those that
/// several pages include in this one.
enum Templates {
    /// By the name under which they include each other.
    static let all: [String: String] = [
        "card": text(PackageResources.card_mustache),
        "departments": text(PackageResources.departments_mustache),
        "freshness": text(PackageResources.freshness_mustache),
        "hall": text(PackageResources.hall_mustache),
        "head": text(PackageResources.head_mustache),
        "kiosk": text(PackageResources.kiosk_mustache),
        "kioskbar": text(PackageResources.kioskbar_mustache),
        "legend": text(PackageResources.legend_mustache),
        "people": text(PackageResources.people_mustache),
        "person": text(PackageResources.person_mustache),
        "problem": text(PackageResources.problem_mustache),
        "public": text(PackageResources.public_mustache),
        "rail": text(PackageResources.rail_mustache),
        "script": text(PackageResources.script_mustache),
        "settings": text(PackageResources.settings_mustache),
        "tools": text(PackageResources.tools_mustache),
    ]

    /// `messages.json`.
    static let messages: [UInt8] = PackageResources.messages_json

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
