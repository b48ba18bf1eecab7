import CKernels
import Testing

@testable import ZLColumnar

/// Rows that are compared and kept as they lie are those of the decoded column.
@Suite struct SegmentMarkTests {
    static let types: [DataType] = [
        .tinyint, .smallint, .integer, .bigint, .utinyint, .usmallint, .uinteger, .ubigint, .double, .date, .timestampNS, .decimal(precision: 12, scale: 2),
    ]
    private static let comparisons = [ZL_EQUAL, ZL_NOT_EQUAL, ZL_LESS, ZL_LESS_OR_EQUAL, ZL_GREATER, ZL_GREATER_OR_EQUAL]

    /// In the order of SQL, where NaN is the greatest value.
    private static func passes(_ left: Value, _ comparison: zl_comparison, _ right: Value) -> Bool {
        let order: Int
        switch (left, right) {
        case (.null, _): return false
        case (.double(let a), .double(let b)): order = a.isNaN ? 1 : Self.order(a, b)
        default: order = Self.order(number(left), number(right))
        }
        return switch comparison {
        case ZL_EQUAL: order == 0
        case ZL_NOT_EQUAL: order != 0
        case ZL_LESS: order < 0
        case ZL_LESS_OR_EQUAL: order <= 0
        case ZL_GREATER: order > 0
        default: order >= 0
        }
    }

    private static func order<T: Comparable>(_ left: T, _ right: T) -> Int { left < right ? -1 : left > right ? 1 : 0 }

    private static func bits(_ marks: [UInt64], _ count: Int) -> [Bool] { (0..<count).map { marks[$0 / 64] >> UInt64($0 % 64) & 1 == 1 } }

    private static func marks(_ count: Int, _ isIn: (Int) -> Bool) -> [UInt64] {
        var marks = [UInt64](repeating: 0, count: (count + 63) / 64)
        for row in 0..<count where isIn(row) { marks[row / 64] |= 1 << UInt64(row % 64) }
        return marks
    }

    private static func number(_ value: Value) -> Int128 {
        switch value {
        case .integer(let number), .decimal(let number): number
        case .ticks(let ticks): Int128(ticks)
        case .date(let day): Int128(day)
        default: 0
        }
    }

    private static func vector(_ type: DataType, _ values: [Value]) -> ColumnVector {
        let builder = ColumnBuilder(type: type)
        for value in values { builder.append(value: value) }
        return builder.finish()
    }

    private static func doubles(_ kind: Int, _ nulls: SegmentEncodingTests.Nulls, _ count: Int) -> ColumnVector {
        var random = SeededGenerator(seed: 3)
        return vector(.double, (0..<count).map { row in
            if nulls == .some && row % 7 == 3 || nulls == .first && row < count / 2 { return .null }
            switch kind {
            case 0: return .double(Double(Int.random(in: -500...500, using: &random)) / 100)
            // Some values are no decimals: they stand apart.
            case 1: return .double(row % 97 == 5 ? [Double.nan, -0.0, .infinity, -.infinity, 1e300, 0.1 + 0.2][row / 97 % 6] : Double(row % 700) / 10)
            default: return .double(Double(row / 40) * 0.25)
            }
        })
    }

    private func check(_ column: ColumnVector, _ constants: [Value], mustMark: Bool) throws {
        let segment = try SegmentEncodingTests.encoded(column)
        let values = (0..<column.count).map { column.value(at: $0) }
        var marked = 0
        let ranges = [0, 256, 2048].filter { $0 < column.count }.map { $0..<min(column.count, $0 + 2048) } + (column.count > 2048 ? [0..<column.count] : [])
        for (place, range) in ranges.enumerated() {
            let start = range.lowerBound
            for constant in constants {
                for comparison in Self.comparisons {
                    let test = ConstantTest(comparison: Int32(comparison.rawValue), constant: Self.vector(column.type, [constant]))
                    let before = Self.marks(range.count) { place == 0 || $0 / 256 % 3 != 1 && ($0 / 256 % 3 == 0 || $0 % 5 != place) }
                    var marks = before
                    guard segment.narrow(&marks, range, test) else {
                        #expect(marks == before)
                        continue
                    }
                    marked += 1
                    let wasIn = Self.bits(before, range.count)
                    let expected = range.map { wasIn[$0 - start] && Self.passes(values[$0], comparison, constant) }
                    let found = Self.bits(marks, range.count)
                    #expect(found == expected, "\(constant) \(comparison)")
                    #expect(range.count % 64 == 0 || marks[marks.count - 1] >> UInt64(range.count % 64) == 0)
                    let rows = range.filter { expected[$0 - start] }
                    for kept in [try segment.decode(range, marks: marks, rows.count), try segment.decode(range).keeping(marks, rows.count)] {
                        #expect(kept.count == rows.count)
                        let back = (0..<kept.count).map { SegmentEncodingTests.bits(kept.value(at: $0)) }
                        #expect(back == rows.map { SegmentEncodingTests.bits(values[$0]) })
                    }
                }
            }
        }
        if mustMark { #expect(marked > 0) }
    }

    @Test(arguments: types, [SegmentEncodingTests.Nulls.none, .some, .first])
    func marksAreThoseOfComparedValues(type: DataType, nulls: SegmentEncodingTests.Nulls) throws {
        for kind in 0..<4 {
            for count in [1, 63, 300, 2048, 5000] {
                let column = SegmentEncodingTests.column(type, kind, nulls, count)
                let known = (0..<count).map { column.value(at: $0) }.filter { $0 != .null }
                let constants = [0, known.count / 2, known.count - 1].compactMap { known.indices.contains($0) ? known[$0] : nil }
                let isNaN = constants.contains { if case .double(let number) = $0 { number.isNaN } else { false } }
                if !isNaN { try check(column, constants, mustMark: false) }
            }
        }
    }

    @Test(arguments: 0..<3, [SegmentEncodingTests.Nulls.none, .some, .first])
    func decimalsAreComparedAsIntegers(kind: Int, nulls: SegmentEncodingTests.Nulls) throws {
        let constants = [0, -0.0, 0.1, 0.3, 2.5, 2.51, 2.505, -1.23, 69.9, 1e9, 1e14, 0.1 + 0.2, .leastNonzeroMagnitude, 2.5.nextUp, 2.5.nextDown]
        for count in [300, 2048, 5000] { try check(Self.doubles(kind, nulls, count), constants.map { .double($0) }, mustMark: true) }
        try check(Self.doubles(kind, nulls, 3000), [.double(.infinity), .double(-.infinity), .double(1e300)], mustMark: false)
    }

    @Test(arguments: [1, -7, 60_000_000, 1 << 40, -(1 << 40), 1 << 52])
    func equalStepsAreCompared(step: Int64) throws {
        let starts: [(Int64, Int64)] = [(0, 0), (Int64.max - (3000 << 40), 0), (Int64.min + (5000 << 40), 0), (1 << 50, 1 << 45)]
        for (first, gap) in starts {
            for count in [300, 2600] {
                // Sums wrap; after each 700th row the steps begin anew.
                let values: [Int64] = (0..<count).map { (row: Int) -> Int64 in first &+ Int64(row) &* step &+ Int64(row / 700) &* gap }
                let column = Self.vector(.bigint, values.map { Value.integer(Int128($0)) })
                let places = [0, 255, 256, count - 1]
                let constants = places.map { values[$0] } + [first &+ 1]
                try check(column, constants.map { Value.integer(Int128($0)) }, mustMark: true)
            }
        }
    }

    @Test func packedNumbersOfAnyWidthAreCompared() {
        var random = SeededGenerator(seed: 9)
        for width in 1...32 {
            let greatest = UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(width)) - 1)
            let numbers = (0..<256).map { _ in Int64(UInt32.random(in: 0...greatest, using: &random)) }
            var words = [UInt32](repeating: 0, count: width * 8 + 16)
            zl_pack_int64(numbers, UInt32(width), 0, &words)
            for (first, span) in [(UInt32(0), greatest), (greatest / 3, greatest / 2), (greatest, 0), (greatest / 2, greatest - greatest / 2)] {
                var marks = [UInt64](repeating: 5, count: 4)
                zl_packed_within(words, UInt32(width), first, span, &marks)
                let within = numbers.map { $0 >= Int64(first) && $0 <= Int64(first) + Int64(span) }
                let found = Self.bits(marks, 256)
                #expect(found == within, "\(width) bits")
            }
        }
    }

    @Test func packedNumbersOfAnyWidthAreKept() {
        var random = SeededGenerator(seed: 10)
        for width in 1...32 {
            let greatest = UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(width)) - 1)
            let numbers = (0..<256).map { _ in Int64(UInt32.random(in: 0...greatest, using: &random)) }
            var words = [UInt32](repeating: 0, count: width * 8 + 16)
            zl_pack_int64(numbers, UInt32(width), 0, &words)
            for step in [0, 1, 2, 3, 7, 8, 64, 255] {
                let marks = Self.marks(256) { step > 0 && $0 % step == step / 2 }
                let expected = (0..<256).filter { marks[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }.map { numbers[$0] }
                var kept = [UInt32](repeating: 7, count: 272)
                let count = zl_keep_packed(words, UInt32(width), marks, &kept)
                #expect(kept.prefix(count).map { Int64($0) } == expected, "\(width) bits in steps of \(step)")
                for base in [Int64(0), -5, 1 << 40, .max] {
                    var wide = [Int64](repeating: 7, count: 272)
                    zl_widen_numbers(kept, count, base, &wide)
                    #expect(wide.prefix(count).elementsEqual(expected.map { $0 &+ base }), "\(width) bits from \(base)")
                }
                guard width < 32 else { continue }
                for (base, divisor) in [(Int32(0), 1.0), (-77, 100), (Int32(truncatingIfNeeded: Int64(Int32.max) - Int64(greatest)), 1e6), (.min, 1e22)] {
                    var scaled = [Double](repeating: 7, count: 272)
                    zl_scale_numbers(kept, count, UInt32(bitPattern: base), divisor, &scaled)
                    let quotients = expected.map { Double($0 + Int64(base)) / divisor }
                    #expect(scaled.prefix(count).elementsEqual(quotients), "\(width) bits from \(base) by \(divisor)")
                }
            }
        }
    }

    @Test(arguments: [1, 63, 64, 65, 200, 2048])
    func markedRowsAreKept(count: Int) {
        for step in [1, 2, 3, 17, 64, 65, 5000] {
            let rows = Array(stride(from: step / 2, to: count, by: step))
            var marks = [UInt64](repeating: 0, count: (count + 63) / 64)
            for row in rows { marks[row / 64] |= 1 << UInt64(row % 64) }
            for type in [DataType.bigint, .integer, .smallint, .boolean, .varchar, .interval] {
                for nulls in [SegmentEncodingTests.Nulls.none, .some, .all] {
                    let column = SegmentEncodingTests.column(type, 2, nulls, count)
                    for form in [column, StringDictionary.build([column])].compactMap({ $0 }) {
                        let kept = form.keeping(marks, rows.count)
                        let (back, expected) = (rows.indices.map { kept.value(at: $0) }, rows.map { column.value(at: $0) })
                        #expect(back == expected, "\(type) \(nulls) in steps of \(step)")
                    }
                }
            }
            let constant = ColumnVector.constant(.integer(7), type: .bigint, count: count).keeping(marks, rows.count)
            #expect(constant.count == rows.count && constant.form == .constant)
            let sequence = ColumnVector.sequence(.bigint, first: 5, step: 3, count: count).keeping(marks, rows.count)
            let (back, expected) = (rows.indices.map { sequence.value(at: $0) }, rows.map { Value.integer(Int128(5 + 3 * $0)) })
            #expect(back == expected)
        }
    }
}
