import Foundation
import Testing
import ZLColumnar

@Suite struct TextTests {
    static let types: [String: DataType] = [
        "BOOLEAN": .boolean, "BIGINT": .bigint, "TINYINT": .tinyint, "UBIGINT": .ubigint, "HUGEINT": .hugeint,
        "DOUBLE": .double, "FLOAT": .real, "DECIMAL(3,1)": .decimal(precision: 3, scale: 1),
        "DECIMAL(38,8)": .decimal(precision: 38, scale: 8), "DECIMAL(3,3)": .decimal(precision: 3, scale: 3),
        "DECIMAL(18,9)": .decimal(precision: 18, scale: 9), "DATE": .date, "TIMESTAMP": .timestamp,
        "TIMESTAMP_NS": .timestampNS, "TIMESTAMPTZ": .timestampTZ, "TIME": .time, "INTERVAL": .interval, "BLOB": .blob,
    ]

    @Test(arguments: types.keys.sorted())
    func textsConvertAndPrintLikeDuckDB(name: String) throws {
        let type = try #require(Self.types[name])
        let cases = try #require(duckDBCasts[name])
        for (text, expected) in cases {
            let value = TextParser.value(text, as: type)
            let found = value.map { TextFormat.text(of: $0, type: type) }
            #expect(found == expected, "\(name) of \"\(text)\"")
        }
    }

    /// `%.17g` and the like by the C library, against ours.
    @Test func everyDoublePrintsShortestAndReadsBackToTheSameBits() {
        var random = SplitMix(seed: 7)
        let buffer = ByteBuffer()
        for round in 0..<200_000 {
            let value: Double
            switch round % 4 {
            case 0: value = Double(bitPattern: random.next())
            case 1: value = Double(Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 60)) / 1e9
            case 2: value = Double(Int64(truncatingIfNeeded: random.next()) >> 20) / 100
            default: value = Double(random.next() >> 11) * 0x1p-53
            }
            guard value.isFinite else { continue }
            buffer.removeAll()
            TextFormat.append(value, to: buffer)
            #expect(TextParser.double(buffer.bytes)?.bitPattern == value.bitPattern, "\(value)")
            #expect(strtod(buffer.string, nil).bitPattern == value.bitPattern, "\(value)")
            #expect(significantDigits(buffer.string) == significantDigits(value.description), "\(value)")
        }
    }

    private func significantDigits(_ text: String) -> String {
        let mantissa = text.lowercased().prefix { $0 != "e" }.filter { $0.isNumber }
        let trimmed = mantissa.drop { $0 == "0" }
        return String(trimmed.reversed().drop { $0 == "0" }.reversed())
    }

    @Test func everyFloatReadsBackToTheSameBits() {
        var random = SplitMix(seed: 8)
        let buffer = ByteBuffer()
        for _ in 0..<50_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            guard value.isFinite else { continue }
            buffer.removeAll()
            TextFormat.append(value, to: buffer)
            #expect(TextParser.float(buffer.bytes)?.bitPattern == value.bitPattern, "\(value)")
        }
    }

    @Test func randomNumberTextsReadAsTheCLibraryReadsThem() {
        var random = SplitMix(seed: 9)
        for _ in 0..<100_000 {
            var text = random.next() % 2 == 0 ? "-" : ""
            for _ in 0..<(1 + random.next() % 22) { text += String(random.next() % 10) }
            if random.next() % 2 == 0 {
                text += "."
                for _ in 0..<(random.next() % 25) { text += String(random.next() % 10) }
            }
            if random.next() % 3 == 0 { text += "e\(Int(random.next() % 680) - 340)" }
            let bytes = Array(text.utf8)
            let found = bytes.withUnsafeBytes { TextParser.double($0) }
            #expect(found?.bitPattern == strtod(text, nil).bitPattern, "\(text)")
        }
    }

    @Test func integersOfEveryWidthPrintAndReadBack() {
        var random = SplitMix(seed: 10)
        for _ in 0..<20_000 {
            let wide = Int128(Int64(truncatingIfNeeded: random.next())) << 64 | Int128(random.next())
            let value = wide >> Int128(random.next() % 127)
            let text = TextFormat.text(of: .integer(value), type: .hugeint)
            #expect(text == "\(value)")
            #expect(TextParser.value(text, as: .hugeint) == .integer(value))
        }
    }

    /// Slots, where days are remembered and digits come eight at a time, against one value at a time and against the C library.
    @Test func slotsHoldTheTextsOfTheirValues() {
        var random = SplitMix(seed: 12)
        let rows = 400
        for round in 0..<60 {
            let doubles = ColumnBuilder(type: .double)
            let integers = ColumnBuilder(type: .bigint)
            let times = ColumnBuilder(type: .timestampNS)
            for _ in 0..<rows {
                let decimals = pow(10, Double(random.next() % 20))
                doubles.append(Double(Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 64)) / decimals)
                integers.append(Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 64))
                times.append(1_700_000_000_000_000_000 + Int64(truncatingIfNeeded: random.next() % 3_000_000) * 86_399_999_999)
            }
            for vector in [doubles.finish(), integers.finish(), times.finish()] {
                let column = TextColumn(vector)
                let slots = UnsafeMutablePointer<UInt8>.allocate(capacity: rows * TextRows.slotSize)
                let lengths = UnsafeMutablePointer<UInt8>.allocate(capacity: rows)
                defer {
                    slots.deallocate()
                    lengths.deallocate()
                }
                column.rows.write(0..<rows, slots: slots, lengths: lengths)
                for row in 0..<rows {
                    let bytes = UnsafeBufferPointer(start: slots + row * TextRows.slotSize, count: Int(lengths[row]))
                    let text = String(decoding: bytes, as: UTF8.self)
                    switch vector.type {
                    case .bigint: #expect(text == "\(vector.values(Int64.self)[row])")
                    case .double:
                        let value = vector.values(Double.self)[row]
                        #expect(strtod(text, nil).bitPattern == value.bitPattern && significantDigits(text) == significantDigits(value.description))
                    default:
                        let buffer = ByteBuffer()
                        TextFormat.append(timestampNS: vector.values(Int64.self)[row], to: buffer)
                        #expect(text == buffer.string, "round \(round)")
                    }
                }
            }
        }
    }

    /// Whole columns against one value at a time.
    @Test func numbersInSlotsAreThoseWrittenAlone() {
        var random = SplitMix(seed: 19)
        var doubles: [Double] = [0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi, 0.1 + 0.2]
        for exponent in -1074...1023 {
            let power = scalbn(1.0, exponent)
            doubles += [power, -power, power.nextUp, power.nextDown, power * 3, power * 1.1]
        }
        for exponent in -30...30 {
            let power = pow(10, Double(exponent))
            for digits in [1.0, 2, 5, 9.5, 99.75, 1234567, 99_999_999] {
                doubles += [digits * power, (digits * power).nextUp, (digits * power).nextDown, digits / power]
            }
        }
        for hundredths in [1, 10, 99, 100, 101, 99_999_999, 100_000_000, 100_000_001, 12_345_678] {
            doubles += [Double(hundredths) / 100, (Double(hundredths) / 100).nextUp, (Double(hundredths) / 100).nextDown]
        }
        for _ in 0..<30_000 {
            let whole = Double(Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 64))
            doubles += [
                Double(bitPattern: random.next()), whole / pow(10, Double(random.next() % 20)), Double(random.next() >> 11) * 0x1p-53, whole / 64,
                Double(random.next() % 20_000_000) / 100,
            ]
        }
        var integers: [Int64] = [0, .min, .max]
        var power: Int64 = 1
        for _ in 0..<19 {
            integers += [power, power - 1, power + 1, -power, 1 - power]
            power &*= 10
        }
        for _ in 0..<30_000 { integers.append(Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 64)) }
        requireSlots(doubles, .double) { $0.append($1) }
        requireSlots(integers, .bigint) { $0.append($1) }
    }

    private func requireSlots<T>(_ values: [T], _ type: DataType, _ append: (ColumnBuilder, T) -> Void) {
        let builder = ColumnBuilder(type: type)
        for (row, value) in values.enumerated() {
            if row % 13 == 5 { builder.appendNull() } else { append(builder, value) }
        }
        let column = TextColumn(builder.finish())
        let slots = UnsafeMutablePointer<UInt8>.allocate(capacity: 64 * TextRows.slotSize)
        let lengths = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
        defer {
            slots.deallocate()
            lengths.deallocate()
        }
        let buffer = ByteBuffer()
        var differing: [String] = []
        for first in stride(from: 0, to: values.count, by: 61) {
            let range = first..<min(values.count, first + 61)
            column.rows.write(range, slots: slots, lengths: lengths)
            for row in range {
                buffer.removeAll()
                if !column.isNull(row) { column.append(row, to: buffer) }
                let length = lengths[row - first]
                #expect((length == 255) == column.isNull(row))
                let found = UnsafeRawBufferPointer(start: slots + (row - first) * TextRows.slotSize, count: length == 255 ? 0 : Int(length))
                if !found.elementsEqual(buffer.bytes) { differing.append("\(String(decoding: found, as: UTF8.self)) for \(buffer.string)") }
            }
        }
        #expect(differing.isEmpty, "\(differing.prefix(5))")
    }

    @Test func everyDayAndRandomTicksReadBack() {
        for day in stride(from: Int32(-800_000), through: 3_000_000, by: 61) {
            let text = TextFormat.text(of: .date(day), type: .date)
            #expect(TextParser.value(text, as: .date) == .date(day), "\(text)")
        }
        var random = SplitMix(seed: 11)
        for type in [DataType.timestamp, .timestampNS, .timestampTZ] {
            for _ in 0..<20_000 {
                let ticks = Int64(truncatingIfNeeded: random.next()) >> Int64(type == .timestampNS ? 1 : 8)
                let text = TextFormat.text(of: .ticks(ticks), type: type)
                #expect(TextParser.value(text, as: type) == .ticks(ticks), "\(type) \(text)")
            }
        }
    }

    @Test func randomIntervalsReadBack() {
        var random = SplitMix(seed: 12)
        for _ in 0..<20_000 {
            let interval = Interval(
                months: Int32(truncatingIfNeeded: random.next()) >> 16, days: Int32(truncatingIfNeeded: random.next()) >> 16,
                microseconds: Int64(truncatingIfNeeded: random.next()) >> 20)
            let text = TextFormat.text(of: .interval(interval), type: .interval)
            #expect(TextParser.value(text, as: .interval) == .interval(interval), "\(text)")
        }
    }

    @Test func parsersSurviveAnyBytes() {
        var random = SplitMix(seed: 13)
        let alphabet = Array("0123456789-+.eE:T Z/_xnaif()BC\\day".utf8)
        let all = Self.types.values + [.varchar, .smallint, .integer, .utinyint, .usmallint, .uinteger]
        for _ in 0..<30_000 {
            let text = (0..<(random.next() % 24)).map { _ in
                random.next() % 20 == 0 ? UInt8(truncatingIfNeeded: random.next()) : alphabet[Int(random.next() % UInt64(alphabet.count))]
            }
            for type in all {
                guard let value = text.withUnsafeBytes({ TextParser.value($0, as: type) }) else { continue }
                let printed = TextFormat.text(of: value, type: type)
                if type != .varchar { #expect(TextParser.value(printed, as: type).map { TextFormat.text(of: $0, type: type) } == printed) }
            }
        }
    }

    @Test func columnsOfEveryFormPrintTheSame() {
        let builder = ColumnBuilder(type: .double)
        for value in [1.5, 0.1, 1e20] { builder.append(value) }
        let flat = builder.finish()
        let codeBuilder = ColumnBuilder(type: .uinteger)
        for code in [UInt32(2), 0, 1, 2] { codeBuilder.append(code) }
        let codes = codeBuilder.finish()
        let buffer = Buffer(byteCount: 16)
        for row in 0..<4 { buffer.values(UInt32.self)[row] = codes.values(UInt32.self)[row] }
        let coded = ColumnVector(type: .double, form: .dictionary, count: 4, buffer: buffer, dictionary: flat)
        let text = TextFormat.varchar(coded)
        #expect((0..<4).map { text.value(at: $0) } == ["1e+20", "1.5", "0.1", "1e+20"].map { .string($0) })
        let constant = TextFormat.varchar(.constant(.integer(7), type: .integer, count: 3))
        #expect(constant.count == 3 && constant.value(at: 2) == .string("7"))
        let sequence = TextFormat.varchar(.sequence(.bigint, first: 5, step: -2, count: 3))
        #expect(sequence.value(at: 2) == .string("1"))
        #expect(TextFormat.varchar(.nulls(.date, count: 2)).nullCount() == 2)
    }

    @Test func aColumnOfTextsCastsOrNamesTheTextThatDoesNot() throws {
        let builder = ColumnBuilder(type: .varchar)
        for text in ["1", "x2"] { builder.append(text: text) }
        builder.appendNull()
        let texts = builder.finish()
        let tried = try TextParser.cast(texts, to: .integer, failureIsNull: true)
        #expect((0..<3).map { tried.value(at: $0) } == [.integer(1), .null, .null])
        #expect { try TextParser.cast(texts, to: .integer) } throws: { error in
            (error as? ZLError)?.message == "cannot convert \"x2\" to INTEGER"
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a repeatable source of test data.
struct SplitMix: RandomNumberGenerator {
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
