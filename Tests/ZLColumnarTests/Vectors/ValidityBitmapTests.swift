import Testing

@testable import ZLColumnar

@Suite struct ValidityBitmapTests {
    @Test func nullsAreCopiedToEveryPlace() {
        for count in [0, 1, 2, 63, 64, 65, 130] {
            let source = ValidityBitmap(count: count, allValid: true)
            for row in 0..<count where row % 3 == 1 || row == 63 { source.setNull(row) }
            let vector = ColumnVector(type: .bigint, count: count, buffer: Buffer(byteCount: max(16, count * 8)), validity: source)
            for place in [0, 1, 31, 63, 64, 65, 100] {
                let target = ValidityBitmap(count: 300, allValid: true)
                target.setNull(2)
                target.setNulls(of: vector, at: place)
                for row in 0..<300 {
                    let isNull = row == 2 || row >= place && row < place + count && !source.isValid(row - place)
                    #expect(target.isValid(row) == !isNull)
                }
            }
        }
        let target = ValidityBitmap(count: 10, allValid: true)
        target.setNulls(of: .nulls(.bigint, count: 3), at: 4)
        #expect((0..<10).map { target.isValid($0) } == (0..<10).map { $0 < 4 || $0 > 6 })
    }

    @Test func rowsThatAreMissingAreNotPresent() throws {
        for count in [1, 63, 64, 65, 200] {
            let rows = (0..<count).map { UInt32($0 * 7) }
            #expect(ValidityBitmap.present(rows, count: count) == nil)
            for hole in [0, count / 2, count - 1] {
                var holed = rows
                holed[hole] = ColumnVector.noRow
                let present = try #require(ValidityBitmap.present(holed, count: count))
                #expect((0..<count).allSatisfy { present.isValid($0) == ($0 != hole) })
            }
        }
    }
}
