import Testing
import ZLColumnar

@testable import ZLQuery

/// Every way of sorting gives the order of a stable sort by plain comparison.
@Suite struct SortOrderTests {
    enum Shape: CaseIterable { case random, few, ascending, descending, constant }

    static let types: [DataType] = [
        .boolean, .tinyint, .integer, .bigint, .hugeint, .ubigint, .real, .double, .varchar, .date, .timestampNS, .interval,
        .decimal(precision: 12, scale: 2),
    ]

    static func value(_ type: DataType, _ number: Int) -> Value {
        switch type {
        case .boolean: .boolean(number % 2 == 0)
        case .tinyint: .integer(Int128(number % 100))
        case .hugeint: .integer(Int128(number) << 65)
        case .ubigint: .integer(Int128(number) + (1 << 63))
        case .real: .real(Float(number) / 4)
        case .double: number % 13 == 0 ? .double(.nan) : number % 11 == 0 ? .double(-0.0) : .double(Double(number) / 8)
        case .varchar: .string(number % 3 == 0 ? "soybean oil \(number)" : "z\(number)")
        case .date: .date(Int32(number))
        case .timestampNS: .ticks(Int64(number) * 1_000_000_007)
        case .interval: .interval(Interval(days: Int32(number), microseconds: 5))
        case .decimal: .decimal(Int128(number))
        default: .integer(Int128(number))
        }
    }

    static func column(_ type: DataType, _ shape: Shape, _ count: Int, nulls: Bool, _ seed: Int) -> ColumnVector {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        let builder = ColumnBuilder(type: type)
        for row in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let random = Int(state >> 40)
            let number = switch shape {
            case .random: random % 100_000 - 50_000
            case .few: random % 5
            case .ascending: row / 3
            case .descending: (count - row) / 3
            case .constant: 7
            }
            builder.append(value: nulls && random % 6 == 0 ? .null : value(type, type == .ubigint ? abs(number) : number))
        }
        return builder.finish()
    }

    /// Below, equal or above zero, as SQL orders two values; NULLs by `nullsFirst`, not by direction.
    static func compare(_ a: Value, _ b: Value, descending: Bool, nullsFirst: Bool) -> Int {
        if a.isNull || b.isNull {
            if a.isNull && b.isNull { return 0 }
            return a.isNull == nullsFirst ? -1 : 1
        }
        func order<T: Comparable>(_ x: T, _ y: T) -> Int { x < y ? -1 : x > y ? 1 : 0 }
        func floating(_ x: Double, _ y: Double) -> Int { x.isNaN || y.isNaN ? order(x.isNaN ? 1 : 0, y.isNaN ? 1 : 0) : order(x, y) }
        let result = switch (a, b) {
        case (.boolean(let x), .boolean(let y)): order(x ? 1 : 0, y ? 1 : 0)
        case (.integer(let x), .integer(let y)), (.decimal(let x), .decimal(let y)): order(x, y)
        case (.real(let x), .real(let y)): floating(Double(x), Double(y))
        case (.double(let x), .double(let y)): floating(x, y)
        case (.string(let x), .string(let y)): Array(x.utf8).lexicographicallyPrecedes(Array(y.utf8)) ? -1 : x == y ? 0 : 1
        case (.date(let x), .date(let y)): order(x, y)
        case (.ticks(let x), .ticks(let y)): order(x, y)
        case (.interval(let x), .interval(let y)): order(x.days, y.days)
        default: 0
        }
        return descending ? -result : result
    }

    static func expectSorted(_ columns: [(ColumnVector, descending: Bool, nullsFirst: Bool)], count: Int) throws {
        let values = columns.map { column in (0..<count).map { column.0.value(at: $0) } }
        let expected = (0..<count).sorted { a, b in
            for (index, column) in columns.enumerated() {
                let order = compare(values[index][a], values[index][b], descending: column.descending, nullsFirst: column.nullsFirst)
                if order != 0 { return order < 0 }
            }
            return a < b
        }
        let keys = columns.map { SortInput($0.0, isDescending: $0.descending, nullsFirst: $0.nullsFirst) }
        for threads in [1, 2] {
            let order = try SortOrder.permutation(keys, count: count, threads: threads)
            let found = order.map { order in (0..<count).map { Int(order.values(UInt32.self)[$0]) } } ?? Array(0..<count)
            #expect(found == expected, "\(columns.map { $0.0.type }) of \(count) rows on \(threads) threads")
        }
    }

    @Test(arguments: types, Shape.allCases)
    func oneKey(type: DataType, shape: Shape) throws {
        for count in [0, 1, 2, 17, 255, 256, 700] {
            for (descending, nullsFirst, nulls) in [(false, false, false), (true, false, true), (false, true, true), (true, true, false)] {
                let column = Self.column(type, shape, count, nulls: nulls, count + 3)
                try Self.expectSorted([(column, descending, nullsFirst)], count: count)
            }
        }
    }

    @Test(arguments: types)
    func severalKeys(type: DataType) throws {
        for (index, other) in Self.types.enumerated() {
            let count = 600 + index
            let first = Self.column(type, .few, count, nulls: index % 2 == 0, index)
            let second = Self.column(other, .random, count, nulls: index % 3 == 0, index + 50)
            let third = Self.column(.bigint, .descending, count, nulls: false, index)
            try Self.expectSorted([(first, index % 2 == 1, true), (second, index % 4 == 0, false), (third, false, false)], count: count)
        }
    }

    @Test func manyRowsOnTwoThreads() throws {
        let count = 150_000
        for type in [DataType.double, .varchar, .bigint] {
            let first = Self.column(type, .few, count, nulls: true, 9)
            let second = Self.column(.integer, .random, count, nulls: false, 10)
            try Self.expectSorted([(first, true, false), (second, false, false)], count: count)
        }
    }

    /// Words at the ends of their range, one bucket for nearly all rows, and doubles that are no decimal numbers behind many that are.
    @Test func extremesAndExceptions() throws {
        let count = 66_000
        func column(_ type: DataType, _ value: (Int) -> Value) -> ColumnVector {
            let builder = ColumnBuilder(type: type)
            for row in 0..<count { builder.append(value: value(row)) }
            return builder.finish()
        }
        let prices = column(.double) { .double(Double(($0 * 7919) % 4001 - 2000) / 100) }
        let odd = column(.double) { $0 == 65_999 ? .double(1 / 3) : $0 == 60_001 ? .double(-0.0) : .double(Double(($0 * 31) % 997) / 4) }
        let special = column(.double) { row in
            [.double(.nan), .double(.infinity), .double(-.infinity), .double(1e300), .double(-1e-300), .null, .double(0), .double(-0.0)][row * 48271 % 8]
        }
        let ends = column(.bigint) { $0 == 9 ? .integer(Int128(Int64.min)) : $0 == 7 ? .integer(Int128(Int64.max)) : .integer(Int128($0 * 31 % 1009)) }
        let unsigned = column(.ubigint) { $0 % 1000 == 1 ? .null : .integer(Int128(UInt64.max) - Int128($0 * 48271 % 70_001)) }
        let outlier = column(.integer) { .integer($0 == 5 ? 1 << 30 : Int128($0 * 31 % 13)) }
        for (index, key) in [prices, odd, special, ends, unsigned, outlier].enumerated() {
            try Self.expectSorted([(key, index % 2 == 0, index % 3 == 0)], count: count)
        }
        try Self.expectSorted([(outlier, true, false), (prices, false, false), (odd, false, false)], count: count)
        try Self.expectSorted([(prices, true, false), (unsigned, false, true)], count: count)
    }
}
