import Testing

@testable import ZLColumnar

/// A column goes through the encoder and comes back the same, with zone maps that say what a plain look says.
@Suite struct SegmentEncodingTests {
    enum Nulls: CaseIterable { case none, some, first, all }

    static let types: [DataType] = [
        .boolean, .tinyint, .smallint, .integer, .bigint, .hugeint, .utinyint, .usmallint, .uinteger, .ubigint, .real, .double,
        .decimal(precision: 12, scale: 2), .decimal(precision: 38, scale: 2), .varchar, .blob, .date, .time, .timestamp, .timestampNS,
        .timestampTZ, .interval,
    ]

    /// Kind 0 is one value, 1 ascending in steps, 2 scattered, 3 extremes.
    static func value(_ type: DataType, _ kind: Int, _ row: Int, _ random: inout SeededGenerator) -> Value {
        let scattered = Int128(Int64.random(in: .min ... .max, using: &random))
        let number: Int128 = [7, Int128(row / 10), scattered, row % 2 == 0 ? .min : .max][kind]
        if let range = type.integerRange {
            return .integer(max(range.lowerBound, min(range.upperBound, kind == 2 ? scattered % (range.upperBound / 2 + 1) : number)))
        }
        let ticks = Int64(truncatingIfNeeded: max(Int128(Int64.min), min(Int128(Int64.max), number)))
        switch type {
        case .boolean: return .boolean(number % 2 != 0)
        case .real: return .real(Float(ticks) / 8)
        case .double: return .double(kind == 3 ? [Double.nan, -0.0, .infinity, 1e-300, 1e300, 0.1][row % 6] : Double(ticks % 1_000_000) / 100)
        case .decimal(let precision, _): return .decimal(precision > 18 ? number / 1000 : Int128(ticks % 1_000_000_000))
        case .varchar: return .string(["", "ZL", "soybean oil futures", "ZLF\(number)"][kind == 2 ? row % 4 : min(3, kind)])
        case .blob: return .blob(Array("\(number)".utf8))
        case .date: return .date(Int32(truncatingIfNeeded: number))
        case .interval: return .interval(Interval(months: Int32(row % 3), days: Int32(kind), microseconds: ticks))
        default: return .ticks(ticks)
        }
    }

    static func column(_ type: DataType, _ kind: Int, _ nulls: Nulls, _ count: Int) -> ColumnVector {
        var random = SeededGenerator(seed: UInt64(kind * 31 + count))
        let builder = ColumnBuilder(type: type)
        for row in 0..<count {
            let value = value(type, kind, row, &random)
            let isNull = switch nulls {
            case .none: false
            case .some: row % 7 == 3
            case .first: row < count / 2
            case .all: true
            }
            builder.append(value: isNull ? .null : value)
        }
        return builder.finish()
    }

    static func zones(_ column: ColumnVector) -> [ZoneMap] { ZoneMap.zones(of: PiecedColumn([column]), type: column.type).parts }

    static func encoded(_ column: ColumnVector) throws -> EncodedSegment {
        let form = StringDictionary.build([column]) ?? column
        let bytes = SegmentEncoder.encode(form, Self.zones(form))
        // Not at the start of its memory, as in a block.
        let buffer = Buffer(byteCount: bytes.count + 64)
        (buffer.address + 64).copyMemory(from: bytes.address, byteCount: bytes.count)
        return try EncodedSegment(buffer, at: 64, length: bytes.count, type: column.type, rowCount: column.count, "the segment")
    }

    /// Values whose NaN and zeros compare by their bits.
    static func bits(_ value: Value) -> Value {
        switch value {
        case .double(let number): .integer(Int128(number.bitPattern))
        case .real(let number): .integer(Int128(number.bitPattern))
        default: value
        }
    }

    @Test(arguments: types, Nulls.allCases)
    func aSegmentComesBackAsItWas(type: DataType, nulls: Nulls) throws {
        for kind in 0..<4 {
            for count in [1, 2, 64, 300, 2048, 2049, 5000] {
                let column = Self.column(type, kind, nulls, count)
                let segment = try Self.encoded(column)
                for range in [0..<count, count / 2..<count, 0..<1, count - 1..<count] {
                    let back = try segment.decode(range)
                    #expect(back.count == range.count)
                    for row in stride(from: 0, to: range.count, by: max(1, range.count / 97)) {
                        let expected = Self.bits(column.value(at: range.lowerBound + row))
                        #expect(Self.bits(back.value(at: row)) == expected, "\(type) kind \(kind) count \(count) row \(row)")
                    }
                    #expect(back.nullCount() == range.reduce(0) { $0 + (column.isNull($1) ? 1 : 0) })
                }
            }
        }
    }

    /// Ascending rows below `count`: none, the ends, every row, and one in 8, 32, 40 and 700, the last leaving blocks out.
    static func picks(below count: Int) -> [[UInt32]] {
        [[], count > 1 ? [0, UInt32(count - 1)] : [0]]
            + [1, 8, 32, 40, 700].map { step in stride(from: step / 2, to: count, by: step).map { UInt32($0) } }
    }

    @Test(arguments: types, Nulls.allCases)
    func pickedRowsAreThoseOfAllThatWereDecoded(type: DataType, nulls: Nulls) throws {
        for kind in 0..<4 {
            for count in [1, 64, 300, 2049, 5000] {
                let segment = try Self.encoded(Self.column(type, kind, nulls, count))
                for range in [0..<count, count / 2..<count, count / 3..<count - count / 7] where !range.isEmpty {
                    let all = try segment.decode(range)
                    for rows in Self.picks(below: range.count) {
                        let picked = try segment.decode(range, at: rows, count: rows.count)
                        #expect(picked.count == rows.count)
                        for place in stride(from: 0, to: rows.count, by: max(1, rows.count / 53)) {
                            let expected = Self.bits(all.value(at: Int(rows[place])))
                            #expect(Self.bits(picked.value(at: place)) == expected, "\(type) kind \(kind) \(range) row \(rows[place])")
                        }
                    }
                }
            }
        }
    }

    /// Prices with a few values among them that are no decimals.
    @Test func pickedRowsOfScaledDoublesKeepTheirExceptions() throws {
        let builder = ColumnBuilder(type: .double)
        let odd = [Double.nan, -0.0, .infinity, 1.0 / 3]
        for row in 0..<4100 { builder.append(row % 37 == 5 ? odd[row % 4] : Double(row * 7 % 1000) / 100) }
        let segment = try Self.encoded(builder.finish())
        for range in [0..<4100, 2048..<4096, 1000..<3001] {
            let all = try segment.decode(range)
            for step in 30..<60 {
                let rows = stride(from: step % 7, to: range.count, by: step).map { UInt32($0) }
                let picked = try segment.decode(range, at: rows, count: rows.count)
                for place in rows.indices { #expect(Self.bits(picked.value(at: place)) == Self.bits(all.value(at: Int(rows[place])))) }
            }
        }
    }

    @Test(arguments: types, Nulls.allCases)
    func zoneMapsSayWhatAPlainLookSays(type: DataType, nulls: Nulls) throws {
        for kind in 0..<4 {
            let column = Self.column(type, kind, nulls, 4100)
            let zones = try Self.encoded(column).zones
            #expect(zones == Self.zones(StringDictionary.build([column]) ?? column))
            for (index, zone) in zones.enumerated() {
                let rows = index * 2048..<min(4100, (index + 1) * 2048)
                #expect(zone.rowCount == rows.count)
                #expect(zone.nullCount == rows.filter { column.isNull($0) }.count)
                let keys = rows.compactMap { OrderKey.key(column.value(at: $0), column.physical) }
                let hasKeys = ![.int128, .interval].contains(column.physical)
                #expect(zone.bounds?.lowerBound == (hasKeys ? keys.min() : nil), "\(type) kind \(kind)")
                #expect(zone.bounds?.upperBound == (hasKeys ? keys.max() : nil))
                if zone.isAscending, hasKeys { #expect(keys == keys.sorted() && zone.nullCount == 0) }
                if column.physical != .string, hasKeys, zone.nullCount == 0 { #expect(zone.isAscending == (keys == keys.sorted())) }
            }
        }
    }

    @Test func pricesTakeAFractionOfTheirMemory() {
        let builder = ColumnBuilder(type: .double)
        for row in 0..<122_880 { builder.append(Double(6200 + (row * 37) % 1000) / 100) }
        let column = builder.finish()
        let bytes = SegmentEncoder.encode(column, Self.zones(column))
        #expect(bytes.count < 122_880 * 11 / 8)
    }

    @Test func damagedSegmentsAreRefusedOrHarmless() throws {
        for type in [DataType.double, .varchar, .bigint, .interval] {
            for kind in 0..<4 {
                let column = Self.column(type, kind, .some, 600)
                let form = StringDictionary.build([column]) ?? column
                let bytes = SegmentEncoder.encode(form, Self.zones(form))
                for place in stride(from: 0, to: bytes.count, by: 5) {
                    let buffer = Buffer(byteCount: bytes.count)
                    buffer.address.copyMemory(from: bytes.address, byteCount: bytes.count)
                    buffer.values(UInt8.self)[place] ^= 1 << UInt8(place % 8)
                    let length = place % 3 == 0 ? place : bytes.count
                    let segment = try? EncodedSegment(buffer, at: 0, length: length, type: type, rowCount: 600, "it")
                    let back = try? segment?.decode(0..<600)
                    #expect(back == nil || back?.count == 600)
                }
            }
        }
    }
}
