import Glibc
import ZLColumnar

/// + - * // % over numbers, / as floating-point division, and the sign.
///
/// Integers keep the wider type and fail on overflow; DECIMALs get the precision that the result needs; // and % of them by zero are
/// NULL. Floating-point operations, / among them, are those of IEEE 754, in the order written.
enum Arithmetic {
    enum Operation: String { case add = "+", subtract = "-", multiply = "*", integerDivide = "//", remainder = "%" }

    static let functions: [ScalarFunction] =
        [
            function(.add, "Adds two numbers.", extra: TemporalArithmetic.additions),
            function(.subtract, "Subtracts the second number from the first.", extra: [negation] + TemporalArithmetic.subtractions),
            function(.multiply, "Multiplies two numbers.", extra: TemporalArithmetic.multiplications),
            function(.integerDivide, "Divides and drops the fraction; NULL for a division by zero.", aliases: ["divide"]),
            function(.remainder, "Remainder of a division, with the sign of the dividend; NULL for a division by zero.", aliases: ["mod"]),
            ScalarFunction(
                FunctionDescription(
                    "/", .scalar, "Divides as floating point; by zero it gives an infinity or NaN.", nullRule: .propagates, example: "7 / 2"),
                [
                    ScalarOverload("/", [.double, .double], .double) { (arguments, count, _) throws(ZLError) in
                        Loops.zip(arguments[0], arguments[1], count, .double) { (x: Double, y: Double) in x / y }
                    },
                    ScalarOverload("/", [.real, .real], .real) { (arguments, count, _) throws(ZLError) in
                        Loops.zip(arguments[0], arguments[1], count, .real) { (x: Float, y: Float) in x / y }
                    },
                ]),
        ]

    private static func function(
        _ operation: Operation, _ summary: String, aliases: [String] = [], extra: [ScalarOverload] = []
    ) -> ScalarFunction {
        let name = operation.rawValue
        return ScalarFunction(
            FunctionDescription(name, .scalar, aliases: aliases, summary, nullRule: .propagates, example: "7 \(name) 2"),
            [
                ScalarOverload(
                    "\(name)(T, T) -> T", resolve: { resolve(operation, $0) },
                    kernel: { (arguments, count, signature) throws(ZLError) in
                        try evaluate(operation, arguments[0], arguments[1], count, signature.result)
                    })
            ] + extra)
    }

    private static func resolve(_ operation: Operation, _ types: [DataType]) -> ResolvedSignature? {
        guard types.count == 2, types.allSatisfy({ $0.isNumeric || $0 == .null }) else { return nil }
        let known = types.map { $0 == .null ? (types.first { $0 != .null } ?? .integer) : $0 }
        guard let common = Cast.commonType(known[0], known[1]) else { return nil }
        if case .decimal = common {
            let (wholeA, scaleA) = Cast.decimalShape(known[0])
            let (wholeB, scaleB) = Cast.decimalShape(known[1])
            switch operation {
            case .multiply where scaleA + scaleB <= 38:
                let precision = min(38, wholeA + scaleA + wholeB + scaleB)
                return ResolvedSignature(
                    arguments: [decimal(wholeA + scaleA, scaleA), decimal(wholeB + scaleB, scaleB)],
                    result: decimal(precision, scaleA + scaleB), cost: 5)
            case .add, .subtract:
                let scale = max(scaleA, scaleB)
                let type = decimal(min(38, max(wholeA, wholeB) + scale + 1), scale)
                return ResolvedSignature(arguments: [type, type], result: type, cost: 5)
            case .remainder:
                return ResolvedSignature(arguments: [common, common], result: common, cost: 5)
            default:
                return ResolvedSignature(arguments: [.double, .double], result: .double, cost: 5)
            }
        }
        return ResolvedSignature(arguments: [common, common], result: common, cost: 5)
    }

    private static func decimal(_ precision: Int, _ scale: Int) -> DataType {
        .decimal(precision: UInt8(min(38, precision)), scale: UInt8(min(38, scale)))
    }

    private static func evaluate(
        _ operation: Operation, _ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ type: DataType
    ) throws(ZLError) -> ColumnVector {
        if type == .double, let result = DoubleArithmetic.evaluate(operation, a, b, count) { return result }
        if type == .double { return try floating(operation, Double.self, a, b, count, type) }
        if type == .real { return try floating(operation, Float.self, a, b, count, type) }
        if let result = ExactArithmetic.evaluate(operation, a, b, count, type) { return result }
        if type.isDecimal, a.physical != b.physical || a.physical != type.physical {
            return try wideDecimal(operation, a, b, count, type)
        }
        switch type.physical {
        case .int8: return try integers(operation, Int8.self, a, b, count, type)
        case .int16: return try integers(operation, Int16.self, a, b, count, type)
        case .int32: return try integers(operation, Int32.self, a, b, count, type)
        case .int64: return try integers(operation, Int64.self, a, b, count, type)
        case .int128: return try integers(operation, Int128.self, a, b, count, type)
        case .uint8: return try integers(operation, UInt8.self, a, b, count, type)
        case .uint16: return try integers(operation, UInt16.self, a, b, count, type)
        case .uint32: return try integers(operation, UInt32.self, a, b, count, type)
        case .uint64: return try integers(operation, UInt64.self, a, b, count, type)
        case .bool, .float32, .float64, .string, .interval:
            throw ZLError(.internal, "arithmetic_type", "\(type) has no \(operation.rawValue)")
        }
    }

    private static func floating<T: BinaryFloatingPoint & BitwiseCopyable>(
        _ operation: Operation, _ element: T.Type, _ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ type: DataType
    ) throws(ZLError) -> ColumnVector {
        switch operation {
        case .add: return Loops.zip(a, b, count, type) { (x: T, y: T) in x + y }
        case .subtract: return Loops.zip(a, b, count, type) { (x: T, y: T) in x - y }
        case .multiply: return Loops.zip(a, b, count, type) { (x: T, y: T) in x * y }
        case .integerDivide:
            return Loops.zip(a, b, count, type) { (x: T, y: T) in (x / y).rounded(.towardZero) }
        case .remainder:
            return Loops.zip(a, b, count, type) { (x: T, y: T) in x.truncatingRemainder(dividingBy: y) }
        }
    }

    private static func integers<T: FixedWidthInteger & BitwiseCopyable>(
        _ operation: Operation, _ element: T.Type, _ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ type: DataType
    ) throws(ZLError) -> ColumnVector {
        func checked(_ x: T, _ y: T, _ outcome: (partialValue: T, overflow: Bool)) throws(ZLError) -> T {
            if outcome.overflow { throw overflow(operation, type, "\(x)", "\(y)") }
            return outcome.partialValue
        }
        switch operation {
        case .add:
            return try Loops.zipOptional(a, b, count, type, filler: T(0)) { (x: T, y: T) throws(ZLError) in
                try checked(x, y, x.addingReportingOverflow(y))
            }
        case .subtract:
            return try Loops.zipOptional(a, b, count, type, filler: T(0)) { (x: T, y: T) throws(ZLError) in
                try checked(x, y, x.subtractingReportingOverflow(y))
            }
        case .multiply:
            return try Loops.zipOptional(a, b, count, type, filler: T(0)) { (x: T, y: T) throws(ZLError) in
                try checked(x, y, x.multipliedReportingOverflow(by: y))
            }
        case .integerDivide:
            return try Loops.zipOptional(a, b, count, type, filler: T(0)) { (x: T, y: T) throws(ZLError) in
                y == 0 ? nil : try checked(x, y, x.dividedReportingOverflow(by: y))
            }
        case .remainder:
            return try Loops.zipOptional(a, b, count, type, filler: T(0)) { (x: T, y: T) in
                y == 0 ? nil : x.remainderReportingOverflow(dividingBy: y).partialValue
            }
        }
    }

    /// DECIMALs of two layouts, through 128 bits.
    private static func wideDecimal(
        _ operation: Operation, _ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ type: DataType
    ) throws(ZLError) -> ColumnVector {
        func widened(_ vector: ColumnVector) -> ColumnVector {
            vector.physical == .int128 ? vector : Loops.map(vector, vector.count, .hugeint) { (x: Int64) in Int128(x) }
        }
        let wide = try integers(operation, Int128.self, widened(a), widened(b), count, .hugeint)
        if type.physical == .int128 { return wide.reinterpreted(as: type) }
        return try Loops.mapOptional(wide, count, type, filler: Int64(0)) { (x: Int128) throws(ZLError) in
            guard let narrow = Int64(exactly: x) else { throw overflow(operation, type, "\(x)", "") }
            return narrow
        }
    }

    static func overflow(_ operation: Operation, _ type: DataType, _ x: String, _ y: String) -> ZLError {
        ZLError(
            .execution, "overflow", "\(x) \(operation.rawValue) \(y) does not fit into \(type)",
            hint: "cast an operand to a wider type")
    }

    private static let negation = ScalarOverload(
        "-(T) -> T",
        resolve: { types in
            guard types.count == 1, let type = types.first, type.isNumeric || type == .interval || type == .null else { return nil }
            let known = type == .null ? DataType.integer : type
            return ResolvedSignature(arguments: [known], result: known, cost: 0)
        },
        kernel: { (arguments, count, signature) throws(ZLError) in try negate(arguments[0], count, signature.result) })

    private static func negate(_ a: ColumnVector, _ count: Int, _ type: DataType) throws(ZLError) -> ColumnVector {
        switch type.physical {
        case .float64: return Loops.map(a, count, type) { (x: Double) in -x }
        case .float32: return Loops.map(a, count, type) { (x: Float) in -x }
        case .interval:
            return Loops.map(a, count, type) { (x: Interval) in
                Interval(months: 0 &- x.months, days: 0 &- x.days, microseconds: 0 &- x.microseconds)
            }
        default:
            let zero = ColumnVector.constant(.integer(0), type: type.isDecimal ? type.physical == .int64 ? .bigint : .hugeint : type, count: count)
            return try evaluate(.subtract, zero.reinterpreted(as: type), a, count, type)
        }
    }
}
