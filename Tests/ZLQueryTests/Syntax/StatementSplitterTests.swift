import Testing

@testable import ZLQuery

@Suite("Statement splitter")
struct StatementSplitterTests {
    private func pieces(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        var place = 0
        while true {
            switch StatementSplitter.next(in: bytes, from: place) {
            case .complete(let range, let next):
                found.append(String(decoding: bytes[range], as: UTF8.self))
                place = next
            case .incomplete(let range):
                found.append(String(decoding: bytes[range], as: UTF8.self) + "…")
                return found
            case .blank(let isInComment):
                if isInComment { found.append("/*") }
                return found
            }
        }
    }

    static let cases: [(String, [String])] = [
        ("", []), ("  -- note\n", []), (";;", []), ("SELECT 1;", ["SELECT 1"]), ("SELECT 1", ["SELECT 1…"]),
        (" a ; b ;c", ["a", "b", "c…"]), ("'a;b';", ["'a;b'"]), ("'it''s;';", ["'it''s;'"]), ("'open;", ["'open;…"]),
        ("\"a;b\";", ["\"a;b\""]), ("E'a\\';b';x;", ["E'a\\';b'", "x"]), ("e'a'';\\';';x;", ["e'a'';\\';'", "x"]),
        ("$$a;b$$;", ["$$a;b$$"]), ("$f$ ; $$ ; $f$;", ["$f$ ; $$ ; $f$"]), ("$$a;", ["$$a;…"]), ("$1;$x;", ["$1", "$x"]),
        ("a -- ;\n;b;", ["a", "b"]), ("/* ; /* ; */ ; */ a;", ["a"]), ("/* open ;", ["/*"]), ("a /* open ;", ["a /* open ;…"]),
        ("a - - b;", ["a - - b"]), ("name'x';", ["name'x'"]), ("\u{FEFF}SELECT 1;", ["SELECT 1"]),
        ("SELECT 'é;';", ["SELECT 'é;'"]), ("a /* x */;", ["a"]),
    ]

    @Test("Semicolons outside strings, names, comments and dollar quotes end a statement", arguments: cases)
    func splitting(_ text: String, _ expected: [String]) {
        #expect(pieces(text) == expected)
    }

    @Test("The splitter and the parser agree on where statements lie")
    func agreement() throws {
        let script = StatementParsingTests.accepted.joined(separator: " ; -- next; \n /* ; */")
        let parsed = try Parser.parseScript(script).map(\.range)
        let bytes = Array(script.utf8)
        var split: [Range<Int>] = []
        var place = 0
        loop: while true {
            switch StatementSplitter.next(in: bytes, from: place) {
            case .complete(let range, let next):
                split.append(range)
                place = next
            case .incomplete(let range):
                split.append(range)
                break loop
            case .blank: break loop
            }
        }
        #expect(split == parsed)
    }

    @Test("Any bytes are passed over without a trap, and the scan ends")
    func anyBytes() {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("';\"$-*/\\eE\n a1x\u{E9}".utf8) + [0xFF, 0x00, 0xEF, 0xBB]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0..<24, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            var place = 0
            var steps = 0
            while case .complete(let range, let next) = StatementSplitter.next(in: text, from: place) {
                #expect(range.lowerBound >= place && range.upperBound <= next && next > place)
                place = next
                steps += 1
                if steps > text.count { break }
            }
            #expect(steps <= text.count)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for a seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
