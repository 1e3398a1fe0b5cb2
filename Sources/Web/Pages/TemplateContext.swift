// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A page's view as the dictionary that its template reads.
///
/// The page's own names and those of its frame and freshness lie side by side, so that templates say `title` rather
/// than `frame.title`. Reflected once a page; Mustache alone would reflect at every name.
func templateContext(_ view: Any) -> [String: Any] {
    var context: [String: Any] = [:]
    for (label, value) in Mirror(reflecting: view).children {
        guard let label else { continue }
        if value is PageFrame || value is FreshnessView {
            context.merge(templateContext(value)) { own, _ in own }
        } else if let value = unwrapped(value) {
            context[label] = value
        }
    }
    return context
}

private func unwrapped(_ value: Any) -> Any? {
    let mirror = Mirror(reflecting: value)
    return mirror.displayStyle == .optional ? mirror.children.first?.value : value
}
