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

    @Test("pieces that have dictionaries make the dictionary of their texts", arguments: [1, 2, 3, 4, 5], [1, 40, 900])
    func piecesWithDictionaries(dictionaries: Int, distinct: Int) throws {
        for (step, nullStep) in [(1, 0), (3, 0), (2, 5)] {
            let coded = try (0..<dictionaries).map { index in
                let names = (0..<distinct).map { "text \($0 % 2 == 0 ? "of some length " : "")\(($0 + index * distinct / 3) * 7)" }
                let rows = (0..<distinct * 12).map { $0 * 31 % distinct }
                return try #require(StringDictionary.build([column(rows.map { nullStep > 0 && $0 % nullStep == 1 ? nil : names[$0] })]))
            }
            let pieces = coded.flatMap { vector in
                [vector.slice(0..<vector.count / 2), vector.slice(vector.count / 2..<(vector.count * (step + 1)) / (2 * step))]
            }
            let built = try #require(StringDictionary.build(pieces))
            let naive = try #require(StringDictionary.build(pieces.map { $0.flattened() }))
            #expect(texts(built) == pieces.flatMap { texts($0.flattened()) })
            #expect(texts(try #require(built.dictionary)) == texts(try #require(naive.dictionary)))
            #expect((0..<built.count).allSatisfy { built.codes[$0] == naive.codes[$0] })
        }
    }

    @Test("rows that are few or codes have a dictionary however often they repeat", arguments: [1, 3, 600])
    func numberedPieces(distinct: Int) throws {
        let names = (0..<distinct).map { "text \($0 * 7919 % distinct) beyond twelve bytes" }
        let flat = column((0..<distinct * 9).map { $0 % 7 == 3 ? nil : names[$0 * 31 % distinct] })
        let coded = try #require(StringDictionary.build([column((0..<distinct * 9).map { names[$0 * 17 % distinct] })]))
        for pieces in [[flat], [coded, coded.slice(0..<3)], [flat, coded, .constant(.string("x"), type: .varchar, count: 3)]] {
            let numbered = try #require(StringDictionary.numbered(pieces))
            let expected = pieces.flatMap { texts($0.flattened()) }
            #expect(texts(numbered) == expected)
            #expect(texts(try #require(numbered.dictionary)) == Set(expected.compactMap { $0 }).sorted())
        }
        let many = column((0..<20_000).map { "text \($0 % 5)" })
        #expect(StringDictionary.numbered([many]) == nil)
        #expect(StringDictionary.numbered([try #require(StringDictionary.build([many]))])?.dictionary?.count == 5)
        #expect(StringDictionary.numbered([column([nil, nil])]) == nil)
    }

    @Test("dictionaries of which few texts are in use are left where those hardly repeat")
    func fewInUse() throws {
        let vector = try #require(StringDictionary.build([column((0..<400).map { "text \($0 % 90)" })]))
        #expect(StringDictionary.build([vector.slice(0..<60)]) == nil)
        let built = try #require(StringDictionary.build([vector.slice(0..<2), vector.slice(90..<92), vector.slice(180..<182), vector.slice(0..<2)]))
        #expect(texts(try #require(built.dictionary)) == ["text 0", "text 1"])
    }

    @Test("a look at a sample of the rows tells texts that do not repeat from those that do")
    func sample() throws {
        let unique = (0..<40_000).map { "text \($0 * 7919 % 40_009)" }
        #expect(StringDictionary.build([column(unique)]) == nil)
        #expect(StringDictionary.build(stride(from: 0, to: 40_000, by: 100).map { column(Array(unique[$0..<$0 + 100])) }) == nil)
        let turns = column((0..<RowGroup.capacity).map { unique[$0 % 20_000] })
        #expect(try #require(StringDictionary.build([turns])?.dictionary).count == 20_000)
        var random = UInt64(7)
        let many = (0..<RowGroup.capacity).map { _ in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return "text \((random >> 33) % 30_000)"
        }
        #expect(try #require(StringDictionary.build([column(many)])?.dictionary).count == Set(many).count)
    }

    @Test("texts that hardly repeat, and NULLs alone, are no dictionary")
    func noDictionary() {
        #expect(StringDictionary.build([column((0..<100).map { "text \($0)" })]) == nil)
        #expect(StringDictionary.build([column([nil, nil, nil])]) == nil)
        #expect(StringDictionary.build([]) == nil)
    }
}
