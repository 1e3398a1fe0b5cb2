// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Web

@Suite("Languages and the catalogue")
struct LanguageTests {
    @Test(
        arguments: [
            ("fil", nil, "en", Language.filipino),
            (nil, "fil", "en", .filipino),
            (nil, nil, "tl-PH,en;q=0.8", .filipino),
            (nil, nil, "en;q=0.3, fil;q=0.9", .filipino),
            (nil, nil, "fil;q=0, en;q=0.1", .english),
            (nil, nil, "de, fr;q=0.9", .english),
            ("xx", "yy", nil, .english),
            (nil, nil, nil, .english),
        ] as [(String?, String?, String?, Language)])
    func choiceGoesBeforeMemoryBeforeBrowser(
        _ parameter: String?, _ cookie: String?, _ header: String?, _ language: Language
    ) {
        #expect(Language.negotiate(parameter: parameter, cookie: cookie, acceptLanguage: header) == language)
    }

    @Test func everyWordThatATemplateNamesIsInTheCatalogue() throws {
        let words = try Catalogue(json: Templates.messages)(.english)
        for (name, template) in Templates.all {
            for part in template.split(separator: "{{words.").dropFirst() {
                let key = try #require(part.split(separator: "}}").first.map(String.init))
                #expect(words.texts[key] != nil, "\(name) names \(key)")
            }
        }
    }

    @Test(arguments: Language.allCases)
    func aWeekHasSevenDaysAndAYearTwelveMonths(_ language: Language) throws {
        let words = try Catalogue(json: Templates.messages)(language)
        #expect(words.list(.weekdays).count == 7)
        #expect(words.list(.months).count == 12)
        #expect(words.list(.monthsLong).count == 12)
    }

    @Test(arguments: [
        (#"{"available":{"en":"A"}}"#, CatalogueError.Problem.languageMissing),
        (#"{"until":{"en":"until {time}","fil":"hanggang {oras}"}}"#, .placeholdersDiffer),
        (#"{"available":{"en":"A","fil":"B"}}"#, .entryMissing),
    ])
    func aCatalogueThatIsNotWholeIsRefused(_ json: String, _ problem: CatalogueError.Problem) {
        #expect { try Catalogue(json: json.utf8) } throws: { ($0 as? CatalogueError)?.problem == problem }
    }

    @Test func valuesAreNeverReadAsPlaceholders() throws {
        let words = try Catalogue(json: Templates.messages)(.english)
        #expect(words(.surnameGiven, ["surname": "{given}", "given": "{surname}"]) == "{given}, {surname}")
    }
}
