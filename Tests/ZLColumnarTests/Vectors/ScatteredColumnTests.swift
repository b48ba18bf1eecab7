import Testing
import ZLColumnar

@Suite("Scattered columns")
struct ScatteredColumnTests {
    private let values: [(DataType, [Value])] = [
        (.boolean, [.boolean(true), .null, .boolean(false)]), (.smallint, [.integer(-3), .null, .integer(7)]),
        (.integer, [.integer(1), .integer(2), .null]), (.double, [.double(.infinity), .null, .double(-0.5)]),
        (.hugeint, [.integer(1 << 100), .null, .integer(-1)]),
        (.varchar, [.string("short"), .null, .string("a text of more than twelve bytes"), .string("")]),
    ]

    @Test("hold each row at its place, whatever the order and the pieces", arguments: [1, 2, 63, 64, 65, 500])
    func places(count: Int) {
        for (type, kinds) in values {
            for piece in [1, 7, 64, 500] {
                var column = ScatteredColumn(type: type)
                var expected = [Value](repeating: .null, count: count)
                for start in stride(from: 0, to: count, by: piece) {
                    let rows = start..<min(start + piece, count)
                    let builder = ColumnBuilder(type: type)
                    for row in rows { builder.append(value: kinds[row % kinds.count]) }
                    // 17 has no divisor in common with the counts above
                    let targets = rows.map { UInt32(($0 * 17 + 5) % count) }
                    for row in rows { expected[Int(targets[row - start])] = kinds[row % kinds.count] }
                    let capacity = count
                    column.add(builder.finish(), to: targets, capacity: capacity)
                }
                let vector = column.column(count: count)
                #expect((0..<count).map { vector.value(at: $0) } == expected, "\(type), pieces of \(piece)")
            }
        }
    }

    @Test("grow with the capacity")
    func growth() {
        var column = ScatteredColumn(type: .integer)
        let builder = ColumnBuilder(type: .integer)
        builder.append(value: .null)
        let one = builder.finish()
        column.add(one, to: [3], capacity: 4)
        column.add(.constant(.integer(9), type: .integer, count: 2), to: [100, 0], capacity: 128)
        let held = column.column(count: 101)
        #expect([3, 100, 0].map { held.value(at: $0) } == [.null, .integer(9), .integer(9)])
    }
}
