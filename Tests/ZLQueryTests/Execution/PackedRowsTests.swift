import Testing
import ZLColumnar

@testable import ZLQuery

@Suite struct PackedRowsTests {
    private let context = ExecutionContext(threads: 2)
    private static let rowCount = 40_000

    private func columns(_ types: [DataType]) -> [ColumnVector] {
        types.enumerated().map { index, type in
            let builder = ColumnBuilder(type: type, capacity: PackedRowsTests.rowCount)
            for row in 0..<PackedRowsTests.rowCount {
                switch type.physical {
                case .string: builder.append(text: row % 5 == 0 ? "a text beyond twelve bytes \(row)" : "\(row)")
                case .float64: builder.append(Double(row) / 3)
                default: builder.append(value: .integer(Int128(row * (index + 1) % 100)))
                }
            }
            return builder.finish()
        }
    }

    @Test(arguments: [[DataType.bigint, .varchar], [.tinyint, .varchar, .smallint, .integer, .double, .hugeint], [.bigint, .bigint, .bigint, .integer]])
    func rowsEqualThoseOfEachColumn(types: [DataType]) throws {
        var columns = columns(types)
        let repeated = ColumnBuilder(type: .varchar, capacity: PackedRowsTests.rowCount)
        for row in 0..<PackedRowsTests.rowCount { repeated.append(text: "value \(row % 9)") }
        columns.append(try #require(StringDictionary.build([repeated.finish()])))
        let packed = try #require(try PackedRows(columns, rowCount: PackedRowsTests.rowCount, context, leastBytes: 0))
        var generator = TestGenerator(seed: 11)
        for count in [0, 1, 63, 64, 65, 127, 128, 129, 2048] {
            for missing in [false, true] {
                let rows = (0..<count).map { index -> UInt32 in
                    missing && index % 3 == 1 ? ColumnVector.noRow : UInt32(Int.random(in: 0..<PackedRowsTests.rowCount, using: &generator))
                }
                let present = ValidityBitmap.present(rows, count: count)
                for (column, found) in zip(columns, packed.gather(rows, count: count, present: present)) {
                    let expected = column.gather(rows, count: count, allowsMissing: true)
                    #expect((0..<count).allSatisfy { found.value(at: $0) == expected.value(at: $0) })
                }
            }
        }
    }

    @Test func fewBytesAndNullsAreNotPacked() throws {
        let one = ColumnVector.sequence(.bigint, first: 0, step: 1, count: 100).flattened()
        #expect(try PackedRows([one, one], rowCount: 100, context) == nil)
        #expect(try PackedRows([one], rowCount: 100, context, leastBytes: 0) == nil)
        #expect(PackedRows.applies(to: one) && !PackedRows.applies(to: .nulls(.bigint, count: 3)))
    }
}
