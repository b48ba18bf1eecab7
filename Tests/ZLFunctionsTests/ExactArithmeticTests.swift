import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Arithmetic of whole numbers")
struct ExactArithmeticTests {
    private static let operations: [Arithmetic.Operation] = [.add, .subtract, .multiply]
    private static let types: [(DataType, DataType, DataType)] = [
        (.integer, .integer, .integer), (.bigint, .bigint, .bigint), (.hugeint, .hugeint, .hugeint),
        (.decimal(precision: 15, scale: 2), .decimal(precision: 16, scale: 2), .decimal(precision: 31, scale: 4)),
        (.decimal(precision: 31, scale: 4), .decimal(precision: 16, scale: 2), .decimal(precision: 38, scale: 6)),
        (.decimal(precision: 16, scale: 2), .decimal(precision: 31, scale: 4), .decimal(precision: 38, scale: 6)),
    ]

    private func interesting(_ type: DataType) -> [Int128] {
        let (least, greatest): (Int128, Int128) = switch type.physical {
        case .int32: (Int128(Int32.min), Int128(Int32.max))
        case .int64: (Int128(Int64.min), Int128(Int64.max))
        default: (.min, .max)
        }
        let near: [Int128] = [0, 1, -1, 2, -2, 46_341, -46_341, 3_037_000_500, -3_037_000_500, 1 << 62, -(1 << 63), 1 << 63, 1 << 64]
        return near.filter { $0 >= least && $0 <= greatest } + [least, least + 1, greatest, greatest - 1]
    }

    /// nil where the result does not fit.
    private func naive(_ operation: Arithmetic.Operation, _ x: Int128, _ y: Int128, _ type: DataType) -> Int128? {
        let (value, overflow) = switch operation {
        case .add: x.addingReportingOverflow(y)
        case .subtract: x.subtractingReportingOverflow(y)
        default: x.multipliedReportingOverflow(by: y)
        }
        if overflow { return nil }
        return switch type.physical {
        case .int32: Int32(exactly: value).map { Int128($0) }
        case .int64: Int64(exactly: value).map { Int128($0) }
        default: value
        }
    }

    private func column(_ values: [Int128], _ type: DataType) -> ColumnVector {
        let builder = ColumnBuilder(type: type)
        for value in values { builder.append(value: type.isDecimal ? .decimal(value) : .integer(value)) }
        return builder.finish()
    }

    private func evaluate(_ operation: Arithmetic.Operation, _ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ type: DataType) throws -> ColumnVector {
        let function = try #require(Arithmetic.functions.first { $0.description.name == operation.rawValue })
        let signature = ResolvedSignature(arguments: [a.type, b.type], result: type, cost: 0)
        return try function.overloads[0].kernel([a, b], count, signature)
    }

    @Test("equals the exact result in every row, and fails where one does not fit", arguments: types)
    func equalsExact(left: DataType, right: DataType, result: DataType) throws {
        for operation in ExactArithmeticTests.operations where operation == .multiply || left == right && right == result {
            var fitting: [(Int128, Int128, Int128)] = []
            for x in interesting(left) {
                for y in interesting(right) {
                    if let value = naive(operation, x, y, result) {
                        fitting.append((x, y, value))
                        continue
                    }
                    // One row that does not fit among others that do.
                    let (a, b) = (column([0, x, 1], left), column([0, y, 1], right))
                    #expect(throws: ZLError.self) { try evaluate(operation, a, b, 3, result) }
                }
            }
            let (a, b) = (column(fitting.map(\.0), left), column(fitting.map(\.1), right))
            let all = try evaluate(operation, a, b, fitting.count, result)
            for (row, expected) in fitting.enumerated() {
                let value: Value = result.isDecimal ? .decimal(expected.2) : .integer(expected.2)
                #expect(all.value(at: row) == value, "\(expected.0) \(operation) \(expected.1)")
                let first = try evaluate(operation, .constant(a.value(at: row), type: left, count: 5), column([Int128](repeating: expected.1, count: 5), right), 5, result)
                #expect(first.value(at: 4) == value)
                let second = try evaluate(operation, column([Int128](repeating: expected.0, count: 5), left), .constant(b.value(at: row), type: right, count: 5), 5, result)
                #expect(second.value(at: 0) == value)
                let both = try evaluate(operation, .constant(a.value(at: row), type: left, count: 5), .constant(b.value(at: row), type: right, count: 5), 5, result)
                #expect(both.value(at: 3) == value)
            }
        }
    }

    @Test("a NULL row never fails, whatever lies under it")
    func nullsDoNotFail() throws {
        let values = column([Int128(Int64.max), 5], .bigint)
        let validity = ValidityBitmap(count: 2, allValid: true)
        validity.setNull(0)
        let sum = try evaluate(.add, values.withValidity(validity), values, 2, .bigint)
        #expect(sum.value(at: 1) == .integer(10))
    }

    @Test("sums of few groups equal sums row by row", arguments: [DataType.bigint, .hugeint])
    func fewGroups(type: DataType) throws {
        var seed: UInt64 = 7
        func next() -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return seed >> 16
        }
        for groupCount in [1, 2, 5, 64, 65] {
            let groups = (0..<2048).map { _ in UInt32(next() % UInt64(groupCount)) }
            let values = (0..<2048).map { _ in
                type == .bigint ? Int128(Int64(bitPattern: next() << 16)) : Int128(Int64(bitPattern: next() << 16)) << 40 | Int128(next())
            }
            let state: any AggregateState = type == .bigint
                ? ExactSumState(argument: type, result: .hugeint, averages: false)
                : WideSumState(argument: type, result: .hugeint, averages: false)
            state.grow(to: groupCount)
            let vector = column(values, type)
            for _ in 0..<2 {
                try groups.withUnsafeBufferPointer {
                    try state.update([vector], AggregateRows(count: 2048, block: 0, border: 2048, groups: $0.baseAddress))
                }
            }
            let found = try state.finish()
            for group in 0..<groupCount {
                let expected = zip(groups, values).filter { $0.0 == UInt32(group) }.reduce(Int128(0)) { $0 + $1.1 } * 2
                #expect(found.value(at: group) == .integer(expected))
            }
        }
    }

    @Test("a sum that fits in the end does not fail on the way")
    func wideSums() throws {
        let state = WideSumState(argument: .hugeint, result: .hugeint, averages: false)
        state.grow(to: 1)
        try state.update([column([.max, .max, .min, .min, 5], .hugeint)], count: 5, groups: nil)
        #expect(try state.finish().value(at: 0) == .integer(3))
        try state.update([column([.max], .hugeint)], count: 1, groups: nil)
        #expect(throws: ZLError.self) { try state.finish() }
    }
}
