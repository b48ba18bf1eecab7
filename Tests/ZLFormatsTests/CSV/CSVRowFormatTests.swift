import Testing
import ZLColumnar

@testable import ZLFormats

/// Lines put together from slots against lines written value by value.
@Suite struct CSVRowFormatTests {
    private static let types: [DataType] = [
        .boolean, .tinyint, .smallint, .integer, .bigint, .hugeint, .utinyint, .usmallint, .uinteger, .ubigint, .real, .double,
        .decimal(precision: 18, scale: 4), .decimal(precision: 38, scale: 38), .date, .time, .timestamp, .timestampNS, .timestampTZ,
        .varchar, .interval,
    ]

    private static let texts = [
        "", "a", "a,b", "#", "#a", "b#", "say \"x\"", "line\nend", "\r", "a;b", "-", "twelve bytes", "thirteen byte", "eleven,byte;", "é",
        "a long text without anything in it",
    ]

    private func value(_ type: DataType, _ random: inout SplitMix) -> Value {
        let bits = random.next() >> (random.next() % 64)
        let number = Int64(truncatingIfNeeded: random.next() % 2 == 0 ? bits : ~bits)
        switch type {
        case .boolean: return .boolean(bits & 1 == 0)
        case .real: return .real(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))
        case .double: return .double(random.next() % 2 == 0 ? Double(bitPattern: random.next()) : Double(number) / 1000)
        case .decimal(let precision, _): return .decimal(precision == 18 ? Int128(number >> 6) : Int128(number) * 1_000_000_007)
        case .hugeint: return .integer(Int128(number) * Int128(random.next()))
        case .date: return .date(Int32(truncatingIfNeeded: number))
        case .time: return .ticks(Int64(random.next() % 86_400_000_000))
        case .timestamp, .timestampNS, .timestampTZ: return .ticks(number)
        case .varchar: return .string(Self.texts[Int(random.next() % UInt64(Self.texts.count))])
        case .interval: return .interval(Interval(months: Int32(truncatingIfNeeded: number), days: 3, microseconds: number))
        default: return .integer(Int128(number))
        }
    }

    @Test func linesFromSlotsAreThoseOfTheValues() {
        var random = SplitMix(seed: 41)
        for round in 0..<150 {
            let types = (0..<(1 + random.next() % 8)).map { _ in Self.types[Int(random.next() % UInt64(Self.types.count))] }
            let rows = 1 + Int(random.next() % 300)
            let vectors = types.map { type -> ColumnVector in
                if random.next() % 8 == 0 { return .constant(value(type, &random), type: type, count: rows) }
                let builder = ColumnBuilder(type: type)
                var last = value(type, &random)
                for _ in 0..<rows {
                    if random.next() % 3 > 0 { last = random.next() % 4 == 0 ? .null : value(type, &random) }
                    builder.append(value: last)
                }
                let column = builder.finish()
                return random.next() % 2 == 0 ? StringDictionary.build([column]) ?? column : column
            }
            var options = CSVWriterOptions()
            options.delimiter = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "-")][round % 3]
            if round % 10 == 0 { options.nullText = "NULL" }
            if round % 7 == 0 { options.forcedQuotes = .columns([0]) }
            let format = CSVRowFormat(columns: types.map { FileColumn(name: "c", type: $0) }, options: options)
            let fast = ByteBuffer()
            format.append(DataChunk(columns: vectors, rowCount: rows), to: fast)
            let slow = ByteBuffer()
            let columns = vectors.map { TextColumn($0) }
            columns.map(\.rows).withUnsafeBufferPointer { format.appendRows($0, rows, slow) }
            #expect(fast.string == slow.string, "\(types)")
        }
    }

    /// Against the C library's and Swift's own description, which are shortest too.
    @Test func shortestDigitsAreThoseOfTheStandardLibrary() throws {
        var random = SplitMix(seed: 42)
        for round in 0..<100_000 {
            let value: Double
            switch round % 3 {
            case 0: value = Double(random.next() >> (random.next() % 64)) * 0x1p-40
            case 1: value = (0x1p-60 * Double(sign: .plus, exponent: Int(random.next() % 110), significand: 1)).nextDown
            default: value = Double(random.next() % 100_000_000) / 1e7
            }
            guard let shortest = ShortestDouble(value) else { continue }
            #expect(Double("\(shortest.digits)e\(shortest.exponent)") == value)
            let expected = "\(value)".lowercased().prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
            let digits = String(expected.reversed().drop { $0 == "0" }.reversed())
            #expect(String(shortest.digits) == digits, "\(value)")
        }
    }
}
