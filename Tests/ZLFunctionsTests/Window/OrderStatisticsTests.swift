import Testing
import ZLColumnar
@testable import ZLFunctions

@Suite("Places in an order without sorting")
struct OrderStatisticsTests {
    @Test("hold what sorting puts there, for every place of every small size and for long runs of equal values", arguments: [0, 1, 2, 3])
    func places(_ pattern: Int) {
        var numbers = TestNumbers(seed: UInt64(pattern) + 3)
        for count in Array(1...60) + [500, 5000] {
            let values: [Double] = (0..<count).map { index in
                switch pattern {
                case 0: numbers.normal()
                case 1: Double(numbers.below(4))
                case 2: [.nan, .infinity, -.infinity, 0, 1][numbers.below(5)]
                default: Double(index % 2 == 0 ? index : count - index)
                }
            }
            let sorted = values.sorted { $0 < $1 || ($1.isNaN && !$0.isNaN) }
            for place in stride(from: 0, to: count, by: max(1, count / 60)) {
                var found = values
                found.withUnsafeMutableBufferPointer { OrderStatistics.select(place, of: $0.baseAddress!, count) }
                #expect(same(found[place], sorted[place]), "\(place) of \(count)")
                guard place + 1 < count else { continue }
                var pair = (0.0, 0.0)
                found = values
                found.withUnsafeMutableBufferPointer { pair = OrderStatistics.pair(at: place, of: $0.baseAddress!, count) }
                #expect(same(pair.0, sorted[place]) && same(pair.1, sorted[place + 1]), "\(place) and the next of \(count)")
            }
        }
    }

    private func same(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }
}

@Suite("Patterns of literal pieces")
struct LiteralPatternTests {
    @Test("match what the general matcher matches, for every short pattern and text")
    func everyShortOne() {
        let letters: [UInt8] = Array("ab%".utf8)
        func words(_ length: Int, _ count: Int) -> [[UInt8]] {
            length == 0 ? [[]] : words(length - 1, count).flatMap { word in letters[..<count].map { word + [$0] } }
        }
        let wild = (any: UInt8(0x25), one: UInt8(0x5F))
        let texts = (0...5).flatMap { words($0, 2) }
        for pattern in (0...5).flatMap({ words($0, 3) }) {
            pattern.withUnsafeBytes { pattern in
                guard let literals = LiteralPattern(pattern, wild) else { return }
                for text in texts {
                    text.withUnsafeBytes { text in
                        #expect(literals.matches(text) == PatternFunctions.matches(text, pattern, wild, nil))
                    }
                }
            }
        }
    }

    @Test("leave single characters to the general matcher")
    func singleCharacters() { Array("a_b".utf8).withUnsafeBytes { #expect(LiteralPattern($0, (0x25, 0x5F)) == nil) } }
}
