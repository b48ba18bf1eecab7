import Testing
import ZLColumnar

@testable import ZLQuery

@Suite("Numbers of groups")
struct GroupNumberingTests {
    private struct Generator {
        var seed: UInt64
        mutating func next(below limit: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % limit
        }
    }

    private func column(_ values: [Value], _ type: DataType) -> ColumnVector {
        let builder = ColumnBuilder(type: type)
        for value in values { builder.append(value: value) }
        return builder.finish()
    }

    private func value(_ key: Int, _ type: DataType) -> Value {
        if key == 0 { return .null }
        return type == .varchar ? .string(key % 2 == 0 ? "k\(key)" : "a key of some length \(key)") : .integer(Int128(key * 3 - 40))
    }

    /// Numbers by the definition: the first row of a key gives it the next number.
    private func check(_ types: [DataType], keys distinct: [Int], forms: [String], rows: Int, isShort: Bool) throws {
        var generator = Generator(seed: UInt64(distinct.reduce(7, { $0 * 31 + $1 })))
        let numbering = GroupNumbering(types: types, isShort: isShort)
        var known: [[Value]: UInt32] = [:]
        var order: [[Value]] = []
        for batch in 0..<6 {
            // Later batches bring more keys.
            var values = (0..<rows).map { _ in types.indices.map { value(generator.next(below: max(1, distinct[$0] * (batch + 1) / 6)), types[$0]) } }
            var columns: [ColumnVector] = []
            for index in types.indices {
                let form = forms[(batch + index) % forms.count]
                if form == "constant" {
                    for row in values.indices { values[row][index] = values[0][index] }
                    columns.append(.constant(values[0][index], type: types[index], count: rows))
                    continue
                }
                let flat = column(values.map { $0[index] }, types[index])
                columns.append(form == "dictionary" ? StringDictionary.build([flat]) ?? flat : flat)
            }
            var numbers = [UInt32](repeating: 0, count: rows)
            numbering.insert(columns, count: rows, into: &numbers)
            for row in 0..<rows {
                if known[values[row]] == nil {
                    known[values[row]] = UInt32(order.count)
                    order.append(values[row])
                }
                #expect(numbers[row] == known[values[row]], "batch \(batch), row \(row): \(values[row])")
            }
            #expect(numbering.count == order.count)
        }
        let columns = numbering.keyColumns()
        for (number, key) in order.enumerated() { #expect(columns.map { $0.value(at: number) } == key) }
    }

    @Test("equal those of the definition, for one key and several of every form", arguments: [true, false])
    func equalNaive(isShort: Bool) throws {
        for forms in [["flat"], ["dictionary"], ["dictionary", "constant"], ["dictionary", "flat", "constant"]] {
            for types in [[DataType.varchar], [.integer], [.varchar, .integer], [.varchar, .varchar], [.smallint, .bigint, .varchar]] {
                try check(types, keys: [5, 9, 3], forms: forms, rows: 200, isShort: isShort)
                try check(types, keys: [1, 1, 1], forms: forms, rows: 3, isShort: isShort)
            }
        }
        // So many combinations that the array gives way to a table.
        try check([.integer, .integer], keys: [1500, 1400], forms: ["flat"], rows: 1500, isShort: isShort)
        try check([.varchar, .integer], keys: [400, 1400], forms: ["dictionary"], rows: 2000, isShort: isShort)
    }
}
