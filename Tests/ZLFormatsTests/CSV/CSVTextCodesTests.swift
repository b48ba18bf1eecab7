import Testing
import ZLColumnar

@testable import ZLFormats

/// Texts that are numbered as they are read against texts that are read one by one.
@Suite struct CSVTextCodesTests {
    static let nullTexts: [[[UInt8]]] = [[], [Array("NA".utf8)], [[]], [[], Array("NA".utf8)]]

    @Test(arguments: nullTexts.indices) func columnsAreThoseOfTheParser(kind: Int) throws {
        var random = SplitMix(seed: UInt64(36 + kind))
        var (coded, givenUp) = (0, 0)
        for round in 0..<600 {
            let parser = CSVColumnParser(
                column: FileColumn(name: "", type: .varchar), nullTexts: Self.nullTexts[kind],
                tokenizer: CSVTokenizer(dialect: CSVDialect(delimiter: UInt8(ascii: ",")), columnCount: 2))
            let codes = CSVTextCodes()
            let (different, longest) = ([1, 5, 200, 400][round % 4], [0, 5, 12, 12, 12, 13][round / 4 % 6])
            let words = (0..<different).map { number in
                (0..<Int(random.next() % UInt64(longest + 1))).map { _ in UInt8(97 + (Int(random.next() % 3) + number) % 26) }
            }
            // Chunks of one block share the numbers.
            for _ in 0..<3 {
                var bytes: [UInt8] = []
                var table: [CSVField] = []
                let rows = 1 + Int(random.next() % 300)
                for _ in 0..<rows {
                    let text = random.next() % 9 == 0 ? Array("NA".utf8) : words[Int(random.next() % UInt64(different))]
                    table.append(
                        random.next() % 9 == 0
                            ? CSVField(start: bytes.count, length: text.count, isEscaped: false) : CSVField(start: bytes.count, length: text.count))
                    table.append(CSVField(start: 0, length: 1))
                    bytes += text + [UInt8(ascii: ",")]
                }
                bytes += [UInt8](repeating: UInt8(ascii: "7"), count: 64)
                try bytes.withUnsafeBufferPointer { bytes in
                    try table.withUnsafeBufferPointer { table in
                        guard let base = bytes.baseAddress, let first = table.baseAddress else { return }
                        let input = CSVColumnParser.Input(fields: first, stride: 2, rows: rows, base: base)
                        let expected = try parser.parse(input)
                        let buffer = Buffer(byteCount: rows * 4)
                        var nulls = CSVNulls(count: rows)
                        let border = Int(random.next() % UInt64(rows + 1))
                        let isRead = codes.read(input.prefix(border), from: 0, parser, to: buffer.values(UInt32.self), &nulls)
                            && codes.read(input, from: border, parser, to: buffer.values(UInt32.self), &nulls)
                        #expect(isRead == !codes.areGivenUp)
                        guard isRead else {
                            givenUp += 1
                            #expect(different > 256 || longest > 12)
                            return
                        }
                        guard let column = codes.column(buffer, count: rows, validity: nulls.bitmap) else {
                            #expect((0..<rows).allSatisfy { expected.isNull($0) })
                            return
                        }
                        coded += 1
                        #expect((0..<rows).allSatisfy { column.value(at: $0) == expected.value(at: $0) })
                    }
                }
            }
        }
        #expect(coded > 900 && givenUp > 50)
    }
}
