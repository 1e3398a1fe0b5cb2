// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Mustache
package import Service

/// Every page, drawn on the server in the reader's language. Whole and readable without script.
///
/// A value: drawing is a pure function of its arguments, safe from any task, and takes a few milliseconds for a board.
package struct Pages: Sendable {
    private let catalogue: Catalogue
    private let library: MustacheLibrary
    private let settings: PageSettings

    /// Parses every template and the catalogue.
    ///
    /// - Throws: if one of them is broken: an error of the build, found at the first start.
    package init(settings: PageSettings) throws {
        try self.init(settings: settings, templates: Templates.all, messages: Templates.messages)
    }

    init(settings: PageSettings, templates: [String: String], messages: [UInt8]) throws {
        self.settings = settings
        catalogue = try Catalogue(json: messages)
        library = MustacheLibrary(templates: try templates.mapValues { try MustacheTemplate(string: $0) })
    }

    /// The board of one screen, as HTML.
    ///
    /// - Parameters:
    ///   - query: the reader's choices; its `department` must be the one that `content` was taken for.
    ///   - language: as `Language.negotiate` found it.
    package func board(
        _ layout: BoardLayout, query: BoardQuery, language: Language, content: BoardContent, moment: PageMoment
    ) -> String {
        let view = BoardView(
            layout, query: query, words: catalogue(language), content: content, moment: moment, settings: settings)
        return render(view, layout.rawValue)
    }

    /// A person's sheet, as HTML, in the layout that `query.layout` names.
    package func person(
        _ card: Card, tag: RevisionTag, query: BoardQuery, language: Language, moment: PageMoment
    ) -> String {
        let view = PersonPage(
            card, tag: tag, query: query, words: catalogue(language), moment: moment, settings: settings)
        return render(view, "person")
    }

    /// What stands where a page can't: 404, 503, another fault of the server (5xx), or an address not understood (4xx).
    package func problem(
        status: Int, layout: BoardLayout = .public, query: BoardQuery = BoardQuery(), language: Language
    ) -> String {
        render(ProblemView(status: status, layout: layout, query: query, words: catalogue(language)), "problem")
    }

    private func render(_ view: Any, _ template: String) -> String {
        // Every name used here is a template of `Templates.all`.
        library.render(templateContext(view), withTemplate: template) ?? ""
    }
}
