import Testing

@testable import ZLColumnar

@Suite("Dictionaries of texts")
struct StringDictionaryTests {
    private func column(_ texts: [String?]) -> ColumnVector {
        let builder = ColumnBuilder(type: .varchar)
        for text in texts { if let text { builder.append(text: text) } else { builder.appendNull() } }
        return builder.finish()
    }

    private func texts(_ vector: ColumnVector) -> [String?] {
        (0..<vector.count).map { row in
            if case .string(let text) = vector.value(at: row) { text } else { nil }
        }
    }

    @Test("pieces of every form make one dictionary in binary order", arguments: [1, 3, 600, 5000])
    func piecesOfEveryForm(distinct: Int) throws {
        let names = (0..<distinct).map { $0 % 3 == 0 ? "a name of some length \($0 * 7919 % distinct)" : "n\($0 * 7919 % distinct)" }
        let flat: [String?] = (0..<distinct * 9).map { $0 % 7 == 3 ? nil : names[$0 * 31 % distinct] }
        let coded = try #require(StringDictionary.build([column((0..<distinct * 9).map { names[$0 * 17 % distinct] })]))
        let withNulls = try #require(StringDictionary.build([column(flat)]))
        let constant = ColumnVector.constant(.string(names[0]), type: .varchar, count: 11)
        let pieces = [column(flat), coded, withNulls, coded.slice(1..<8), constant, .nulls(.varchar, count: 4), column(["", names[0]])]
        let built = try #require(StringDictionary.build(pieces))
        let expected = pieces.flatMap { texts($0.flattened()) }
        #expect(texts(built) == expected)
        let entries = texts(try #require(built.dictionary))
        #expect(entries == Set(expected.compactMap { $0 }).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        for row in 0..<built.count where built.isNull(row) { #expect(built.codes[row] == 0) }
    }

    @Test("texts that hardly repeat, and NULLs alone, are no dictionary")
    func noDictionary() {
        #expect(StringDictionary.build([column((0..<100).map { "text \($0)" })]) == nil)
        #expect(StringDictionary.build([column([nil, nil, nil])]) == nil)
        #expect(StringDictionary.build([]) == nil)
    }
}
