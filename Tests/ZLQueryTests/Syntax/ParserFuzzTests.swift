import Testing
import ZLColumnar

@testable import ZLQuery

@Suite("Parser on damaged text")
struct ParserFuzzTests {
    /// Damages statements of the corpus: bytes and words dropped, doubled, swapped, replaced, statements spliced.
    @Test("Every text gives statements or one syntax error with a place in the text", arguments: [1, 2, 3, 4] as [UInt64])
    func damage(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let corpus = StatementParsingTests.accepted + ExpressionParsingTests.grouped.map { "SELECT \($0.0)" }
        let words = corpus.flatMap { $0.split(separator: " ").map(String.init) } + ["(", ")", ",", "'", "\"", "$$", "/*", "--", ";"]
        var accepted = 0
        for _ in 0..<4_000 {
            var text = Array((corpus.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&text, words, corpus, &random) }
            do {
                let statements = try Parser.parseScript(text)
                accepted += 1
                for statement in statements {
                    #expect(statement.range.lowerBound >= 0 && statement.range.upperBound <= text.count)
                }
            } catch {
                let range = error.range ?? -1..<0
                #expect(range.lowerBound >= 0 && range.upperBound <= text.count, "\(String(decoding: text, as: UTF8.self))")
                #expect(error.kind == .syntax || error.code == "not_implemented")
                #expect(!error.message.isEmpty)
            }
        }
        #expect(accepted > 100 && accepted < 3_900)
    }

    private func mutate(
        _ text: inout [UInt8], _ words: [String], _ corpus: [String], _ random: inout SeededGenerator
    ) {
        guard !text.isEmpty else { return }
        let place = Int.random(in: 0..<text.count, using: &random)
        let end = min(text.count, place + Int.random(in: 1...8, using: &random))
        let word = Array((words.randomElement(using: &random) ?? "").utf8)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: text.removeSubrange(place..<end)
        case 1: text.insert(contentsOf: text[place..<end], at: place)
        case 2: text[place] = UInt8.random(in: 0...255, using: &random)
        case 3: text[place] = UInt8.random(in: 32...126, using: &random)
        case 4: text.insert(contentsOf: [32] + word + [32], at: place)
        case 5: text.replaceSubrange(place..<end, with: word)
        case 6: text.removeSubrange(place...)
        default: text.insert(contentsOf: Array((corpus.randomElement(using: &random) ?? "").utf8), at: place)
        }
    }

    @Test("Random tokens never trap")
    func randomTokens() {
        var random = SeededGenerator(seed: 99)
        let tokens = Keyword.allCases.map(\.text) + Symbol.allCases.map(\.rawValue) + ["a", "\"b\"", "'c'", "1", "2.5", "?", "$1"]
        for _ in 0..<20_000 {
            let words = (0..<Int.random(in: 1..<20, using: &random)).map { _ in tokens.randomElement(using: &random) ?? "" }
            let text = words.joined(separator: " ")
            _ = try? Parser.parseScript(text)
            _ = try? Parser.parseScript("SELECT " + text)
        }
    }
}
