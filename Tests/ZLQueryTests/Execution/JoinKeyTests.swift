import Testing
import ZLColumnar

@testable import ZLQuery

@Suite("Whole-number keys of joins")
struct JoinKeyTests {
    private func column(_ values: [Int64?], _ type: DataType = .bigint) -> ColumnVector {
        let builder = ColumnBuilder(type: type)
        for value in values { builder.append(value: value.map { .integer(Int128($0)) } ?? .null) }
        return builder.finish()
    }

    private static let close: [Int64?] = (0..<500).map { (row: Int64) -> Int64? in row % 7 == 0 ? nil : row * 37 % 400 }
    private static let spread: [Int64?] = (0..<300).map { (row: Int64) -> Int64? in row * 1_000_003 - 5_000_000 }
    private static let edges: [Int64?] = [Int64.min, nil, 0, Int64.max, Int64.min]
    private static let low: [Int64?] = [Int64.min, Int64.min + 63, Int64.min + 64]
    private static let high: [Int64?] = [Int64.max, Int64.max - 1]
    private static let gapless: [Int64?] = [-3, -2, -1, 0]
    private static let sets: [[Int64?]] = [[], [nil], [5], gapless, [nil, 5, 5, nil, 7], edges, low, high, close, spread]
    private static let others: [Int64?] = [nil, Int64.min + 1, -1, 0, 5, 6, 7, 399, 400, 1_000_003]
    private static let probes: [Int64?] = others + sets.flatMap { $0 }

    @Test("a table numbers keys in the order in which they turn up, and finds no others", arguments: sets)
    func sparseKeys(set: [Int64?]) throws {
        let keys = try #require(WholeKeys(column(set)))
        var numbers = [UInt32](repeating: 7, count: set.count + 1)
        let table = SparseKeys(keys, into: &numbers)
        var known: [Int64: UInt32] = [:]
        for (row, key) in set.enumerated() {
            if let key, known[key] == nil { known[key] = UInt32(known.count) }
            #expect(numbers[row] == key.flatMap { known[$0] } ?? ColumnVector.noRow)
        }
        #expect(table.count == known.count)
        var found = [UInt32](repeating: 7, count: JoinKeyTests.probes.count)
        table.find(try #require(WholeKeys(column(JoinKeyTests.probes))), into: &found)
        #expect(found == JoinKeyTests.probes.map { $0.flatMap { known[$0] } ?? ColumnVector.noRow })
    }

    @Test("distances from the least key are numbers where keys lie close together", arguments: sets)
    func denseKeys(set: [Int64?]) throws {
        let keys = try #require(WholeKeys(column(set)))
        let present = set.compactMap { $0 }
        guard let least = present.min(), let greatest = present.max() else {
            #expect(keys.bounds == nil)
            return
        }
        #expect(keys.bounds == least...greatest)
        let (distance, overflow) = greatest.subtractingReportingOverflow(least)
        guard let dense = DenseKeys(least...greatest, rowCount: set.count) else {
            #expect(overflow || distance >= 1 << 16)
            return
        }
        var found = [UInt32](repeating: 7, count: JoinKeyTests.probes.count)
        let expected = JoinKeyTests.probes.map { $0.flatMap { $0 >= least && $0 <= greatest ? UInt32($0 - least) : nil } ?? ColumnVector.noRow }
        let probes = try #require(WholeKeys(column(JoinKeyTests.probes)))
        dense.find(probes, into: &found)
        #expect(found == expected)
        let rows = (0..<dense.count).map { UInt32($0 * 3) }
        dense.find(probes, rows: rows, into: &found)
        #expect(found == expected.map { $0 == ColumnVector.noRow ? $0 : $0 * 3 })
        let placed = try dense.place(keys, ExecutionContext(threads: 2))
        guard Set(present).count == present.count else {
            #expect(placed == nil)
            return
        }
        let (placedRows, bits, areRows) = try #require(placed)
        #expect(areRows == set.enumerated().allSatisfy { $1 == least + Int64($0) })
        for number in 0..<dense.count {
            let row = set.firstIndex(of: least + Int64(number)).map { UInt32($0) }
            #expect(placedRows.values(UInt32.self)[number] == row ?? ColumnVector.noRow)
            #expect((bits.values(UInt64.self)[number >> 6] >> UInt64(number & 63)) & 1 == (row == nil ? 0 : 1))
        }
    }

    @Test("rows of many tasks are placed as those of one")
    func manyKeys() throws {
        let count = 300_000
        for repeats in [false, true] {
            var values = (0..<count).map { Optional(Int64($0 * 7919 % count * 2)) }
            values[5] = nil
            if repeats { values[count - 1] = values[6] }
            let keys = try #require(WholeKeys(column(values)))
            let dense = try #require(keys.bounds.flatMap { DenseKeys($0, rowCount: count) })
            let placed = try dense.place(keys, ExecutionContext(threads: 2))
            #expect((placed == nil) == repeats)
            guard let placed else { continue }
            var expected = [UInt32](repeating: ColumnVector.noRow, count: dense.count)
            for (row, value) in values.enumerated() { if let value { expected[Int(value - dense.least)] = UInt32(row) } }
            #expect(expected.indices.allSatisfy { placed.rows.values(UInt32.self)[$0] == expected[$0] })
        }
    }

    @Test("keys of several columns are one key that is equal where all are")
    func combinedKeys() throws {
        let wide: [Int64?] = [Int64.min, 0, Int64.max, nil]
        let few: [Int64?] = [3, -5, 3, 9]
        #expect(CombinedKeys([column(wide), column(few)]) == nil)
        #expect(CombinedKeys([column([nil, nil]), column([1, 2])]) == nil)
        for (first, second) in [(few, [7, 7, nil, 8]), ([Int64.min, Int64.min + 5, nil, Int64.min], few), ([4], [5]), (JoinKeyTests.close, JoinKeyTests.spread)]
            as [([Int64?], [Int64?])] {
            let count = min(first.count, second.count)
            let keys = [column(Array(first.prefix(count))), column(Array(second.prefix(count)), .bigint)]
            let combined = try #require(CombinedKeys(keys))
            let own = try #require(combined.column(keys, count: count))
            var known: [Int64: [Int64]] = [:]
            for row in 0..<count {
                guard let a = first[row], let b = second[row] else {
                    #expect(own.isNull(row))
                    continue
                }
                #expect(!own.isNull(row))
                #expect(known.updateValue([a, b], forKey: own.values(Int64.self)[row]) ?? [a, b] == [a, b])
            }
            let pairs = JoinKeyTests.others.flatMap { a in ([nil, -5, 3, 5, 7, 8, .min, .max] as [Int64?]).map { (a, $0) } }
                + zip(first, second).map { ($0, $1) }
            let probed = try #require(combined.column([column(pairs.map(\.0)), column(pairs.map(\.1))], count: pairs.count))
            for (row, pair) in pairs.enumerated() {
                guard let a = pair.0, let b = pair.1 else {
                    #expect(probed.isNull(row))
                    continue
                }
                let match = probed.isNull(row) ? nil : known[probed.values(Int64.self)[row]]
                let isKnown = (0..<count).contains { first[$0] == a && second[$0] == b }
                #expect(isKnown == (match != nil) && (match ?? [a, b]) == [a, b])
            }
        }
    }

    @Test("texts of a dictionary are looked up as texts of rows are")
    func translatedTexts() throws {
        func texts(_ range: Range<Int>) -> ColumnVector {
            let builder = ColumnBuilder(type: .varchar)
            for row in range { if row % 11 == 4 { builder.appendNull() } else { builder.append(text: "text \(row % 50) beyond twelve bytes") } }
            return builder.finish()
        }
        let table = KeyTable(types: [.varchar])
        var numbers = [UInt32](repeating: 0, count: 2048)
        table.insert([texts(16..<22)], count: 6, into: &numbers)
        let translations = KeyTranslations()
        for range in [0..<300, 20..<2000, 7..<8] {
            let flat = texts(range)
            let coded = try #require(StringDictionary.numbered([flat]))
            var expected = [UInt32](repeating: 7, count: range.count)
            table.find([flat], count: range.count, nullsMatch: [false], into: &expected)
            let translation = try #require(translations.numbers(of: coded, in: table))
            var found = [UInt32](repeating: 9, count: range.count)
            translation.translate(coded, into: &found)
            #expect(found == expected)
            #expect(translations.numbers(of: flat, in: table) == nil)
        }
    }

    @Test("a set of keys passes each key, and others only where its range is wide", arguments: sets)
    func keySets(set: [Int64?]) throws {
        guard let keys = JoinKeySet(try #require(WholeKeys(column(set)))) else {
            #expect(set.allSatisfy { $0 == nil })
            return
        }
        let present = Set(set.compactMap { $0 })
        let range = (present.max() ?? 0).subtractingReportingOverflow(present.min() ?? 0)
        for open in [nil, Selection(all: JoinKeyTests.probes.count).narrowed(by: Selection(all: 20))] {
            let passed = keys.rows(of: column(JoinKeyTests.probes), among: open)
            let rows = passed.map { Set((0..<$0.count).map { row in Int(passed?.rows[row] ?? 0) }) } ?? Set(0..<JoinKeyTests.probes.count)
            for (row, probe) in JoinKeyTests.probes.enumerated() {
                if let probe, present.contains(probe) {
                    #expect(rows.contains(row) == (open == nil || row < 20))
                } else if !range.overflow, range.partialValue < 1 << 23 {
                    #expect(!rows.contains(row))
                }
            }
        }
        for (least, greatest) in [(Int64.min, Int64.max), (5, 5), (8, 9), (.min, .min), (.max, .max)] as [(Int64, Int64)] {
            let zone = ZoneMap(rowCount: 10, nullCount: 0, bounds: least...greatest, isAscending: false)
            if present.contains(where: { $0 >= least && $0 <= greatest }) { #expect(keys.mayPass(zone)) }
        }
        #expect(!keys.mayPass(ZoneMap(rowCount: 3, nullCount: 3, bounds: nil, isAscending: false)))
    }

    @Test("narrow columns are read as wide ones", arguments: [DataType.tinyint, .smallint, .integer, .utinyint, .usmallint, .uinteger, .bigint])
    func narrowColumns(type: DataType) throws {
        let values: [Int64?] = [0, 1, nil, 100, 127]
        let keys = try #require(WholeKeys(column(values, type)))
        for (row, value) in values.enumerated() where value != nil { #expect(keys.values[row] == value) }
        #expect(keys.bounds == 0...127)
        #expect(WholeKeys(ColumnVector.nulls(.ubigint, count: 2)) == nil)
    }
}
