import Testing
import ZLColumnar

@testable import ZLQuery

@Suite("Starts of runs")
struct RunStartsTests {
    private struct Generator {
        var seed: UInt64
        mutating func next(below limit: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % limit
        }
    }

    private func value(_ key: Int, _ type: DataType, hasNulls: Bool) -> Value {
        if hasNulls, key == 0 { return .null }
        switch type {
        case .varchar: return .string(key % 2 == 0 ? "k\(key)" : "a key of some length \(key)")
        case .double: return .double(Double(key) / 4)
        case .timestamp: return .ticks(Int64(key) << 33)
        default: return .integer(Int128(key - 2))
        }
    }

    /// A vector in a form. Dictionaries name every text twice: rows of one text may have either code.
    private func column(_ values: [Value], _ type: DataType, _ form: String) -> ColumnVector {
        let builder = ColumnBuilder(type: type)
        for value in values { builder.append(value: value) }
        let flat = builder.finish()
        guard form == "dictionary", type == .varchar, !values.contains(.null) else {
            return form == "constant" ? .constant(values[0], type: type, count: values.count) : flat
        }
        let texts = ColumnBuilder(type: .varchar)
        var codes: [Value: UInt32] = [:]
        for value in values where codes[value] == nil {
            codes[value] = UInt32(2 * codes.count)
            for _ in 0..<2 { texts.append(value: value) }
        }
        let buffer = Buffer(byteCount: values.count * 4)
        for (row, value) in values.enumerated() { buffer.values(UInt32.self)[row] = (codes[value] ?? 0) + UInt32(row / 3 % 2) }
        return ColumnVector(type: type, form: .dictionary, count: values.count, buffer: buffer, dictionary: texts.finish())
    }

    @Test(
        "equal those of the definition, for keys of every layout and form",
        arguments: [[DataType.bigint], [.integer], [.varchar, .timestamp], [.timestamp, .varchar, .integer], [.varchar], [.double, .bigint], [.smallint]])
    func equalNaive(types: [DataType]) throws {
        for forms in [["flat"], ["dictionary"], ["dictionary", "flat", "constant"]] {
            for hasNulls in [false, true] {
                for (rows, length) in [(1, 1), (3, 2), (64, 5), (65, 1), (130, 9), (300, 400), (2048, 6)] {
                    var generator = Generator(seed: UInt64(rows + length))
                    var (lastColumns, lastKey): ([ColumnVector], [Value]) = ([], [])
                    var key = types.map { _ in 1 }
                    for batch in 0..<5 {
                        var values: [[Value]] = (0..<rows).map { _ in
                            if generator.next(below: length) == 0 { key[generator.next(below: types.count)] = generator.next(below: 4) }
                            return types.indices.map { value(key[$0], types[$0], hasNulls: hasNulls) }
                        }
                        let columns = types.indices.map { index in
                            let form = forms[(batch + index) % forms.count]
                            if form == "constant" { for row in values.indices { values[row][index] = values[0][index] } }
                            return column(values.map { $0[index] }, types[index], form)
                        }
                        let starts = values.indices.filter { $0 == 0 || values[$0] != values[$0 - 1] }
                        let found = try RunStarts.find(columns, count: rows)
                        #expect((0..<found.count).map { Int(found.starts.values(UInt32.self)[$0]) } == starts)
                        #expect(try RunStarts.runCount(columns, count: rows) == starts.count)
                        #expect(try RunStarts.firstRun(columns, count: rows) == (starts.count > 1 ? starts[1] : rows))
                        if batch > 0 { #expect(try RunStarts.goOn(lastColumns, columns) == (lastKey == values[0])) }
                        (lastColumns, lastKey) = (columns, values[rows - 1])
                    }
                }
            }
        }
    }
}
