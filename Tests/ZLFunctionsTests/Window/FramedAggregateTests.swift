import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Window forms of aggregates")
struct FramedAggregateTests {
    private static func overload(_ name: String, _ types: [DataType]) throws -> (AggregateOverload, ResolvedSignature, Bool) {
        let function = try #require(FunctionRegistry.shared.aggregates[name])
        for overload in function.overloads {
            if let signature = overload.resolve(types), signature.arguments == types {
                return (overload, signature, function.isOrderSensitive)
            }
        }
        throw ZLError(.execution, "test", "\(name) has no overload for \(types)")
    }

    /// The window form against a state that is fed every frame anew.
    private func check(_ name: String, _ argument: ColumnVector, _ frame: WindowFrame, filter: [Bool]?, fraction: Double? = nil) throws {
        let types: [DataType] = [argument.type] + (fraction == nil ? [] : [.double])
        let arguments = [argument] + (fraction.map { [column([Double?](repeating: $0, count: argument.count))] } ?? [])
        let constants: [Value?] = [nil] + (fraction.map { [.double($0)] } ?? [])
        let (overload, signature, isOrderSensitive) = try FramedAggregateTests.overload(name, types)
        let fixture = try WindowFixture(arguments, frame: frame, filter: filter)
        let count = argument.count
        let output = WindowOutput(type: signature.result, rows: 0..<count, heaps: argument.heaps)
        try AggregateWindow.makeEvaluator(name, overload, signature: signature, constants: constants, isOrderSensitive: isOrderSensitive)
            .evaluate(fixture.partition, into: output)
        let found = output.finish()
        for row in 0..<count {
            let state = try overload.makeState(signature, constants)
            state.grow(to: 1)
            for other in fixture.partition.frameRange(row) where filter?[other] != false {
                try state.update(arguments.map { $0.slice(other..<(other + 1)) }, count: 1, groups: nil)
            }
            let expected = try state.finish().value(at: 0)
            let value = found.value(at: row)
            var agrees = value == expected
            if case (.double(let a), .double(let b)) = (value, expected) { agrees = agree(a, b, within: 1e-12, scale: 10) }
            if !agrees { Issue.record("\(name)(\(argument.type)) over \(frame), row \(row) of \(count): \(value), expected \(expected)") }
        }
    }

    private static func typed<T>(_ type: DataType, _ values: [T?], _ append: (ColumnBuilder, T) -> Void) -> ColumnVector {
        let builder = ColumnBuilder(type: type, capacity: max(values.count, 1))
        for value in values { if let value { append(builder, value) } else { builder.appendNull() } }
        return builder.finish()
    }

    private static let frames: [WindowFrame] = [
        .rows(preceding: 0, following: 0), .rows(preceding: 3, following: 0), .rows(preceding: 20, following: 0),
        .rows(preceding: 2, following: 4), .rows(preceding: 7, following: -3), .rows(preceding: -2, following: 4),
        .rows(preceding: nil, following: 0), .rows(preceding: nil, following: nil), .rows(preceding: 0, following: nil),
        .rows(preceding: 3, following: nil), .rows(preceding: nil, following: -2), .rows(preceding: 1, following: -5),
    ]

    @Test("equal a state of their own for every frame", arguments: [0, 1, 2, 5, 13, 24])
    func forms(_ count: Int) throws {
        var numbers = TestNumbers(seed: UInt64(count) + 21)
        for frame in FramedAggregateTests.frames {
            for hasGaps in [false, true] {
                func gap() -> Bool { hasGaps && numbers.below(3) == 0 }
                let filter: [Bool]? = hasGaps && numbers.below(2) == 0 ? (0..<count).map { _ in numbers.below(2) == 0 } : nil
                let doubles = column((0..<count).map { _ in gap() ? nil : (numbers.below(12) == 0 ? .nan : Double(numbers.below(50)) / 8) })
                let longs = FramedAggregateTests.typed(.bigint, (0..<count).map { _ in gap() ? nil : Int64(numbers.below(9)) - 4 }) { $0.append($1) }
                let wide = FramedAggregateTests.typed(.bigint, (0..<count).map { _ in gap() ? nil : Int64.max - Int64(numbers.below(3)) }) { $0.append($1) }
                let integers = FramedAggregateTests.typed(.integer, (0..<count).map { _ in gap() ? nil : Int32(numbers.below(9)) - 4 }) { $0.append($1) }
                let flags = FramedAggregateTests.typed(.boolean, (0..<count).map { _ in gap() ? nil : UInt8(numbers.below(2)) }) { $0.append($1) }
                for name in ["sum", "avg", "count", "min", "max", "first", "last", "any_value", "median", "stddev_samp", "var_pop", "skewness", "kurtosis"] {
                    try check(name, doubles, frame, filter: filter)
                }
                try check("quantile_cont", doubles, frame, filter: filter, fraction: 0.3)
                for name in ["sum", "avg", "count", "min", "max", "first", "last", "any_value"] {
                    try check(name, longs, frame, filter: filter)
                }
                for name in ["sum", "avg"] { try check(name, wide, frame, filter: filter) }
                for name in ["count", "min", "max", "last"] { try check(name, integers, frame, filter: filter) }
                for name in ["count", "count_if", "min", "max", "bool_or"] { try check(name, flags, frame, filter: filter) }
            }
        }
    }
}
