import ZLColumnar

/// Operators on the bits of whole numbers, and functions of whole numbers.
enum BitFunctions {
    static let functions: [ScalarFunction] = [
        binary("&", "Bits that both numbers have.", "10 & 6") { $0 & $1 },
        binary("|", "Bits that one of the numbers has.", "10 | 6") { $0 | $1 },
        binary("xor", "Bits that the numbers do not share.", "xor(10, 6)") { $0 ^ $1 },
        binary("<<", "Moves the bits of a number up.", "1 << 4") { (x, y) throws(ZLError) in
            guard x >= 0, (0..<64).contains(y), x.leadingZeroBitCount > Int(y) else {
                throw ZLError(.execution, "overflow", "\(x) << \(y) does not fit into BIGINT")
            }
            return x << y
        },
        binary(">>", "Moves the bits of a number down.", "256 >> 4") { $1 < 0 ? 0 : $0 >> min(63, $1) },
        unary("~", "Inverts the bits of a number.", "~5") { ~$0 },
        unary("bit_count", "Number of bits that are set.", "bit_count(7)") { Int64($0.nonzeroBitCount) },
        unary("factorial", "Product of the whole numbers up to the argument.", "factorial(5)") { (x) throws(ZLError) in
            guard (0...20).contains(x) else { throw ZLError(.execution, "overflow", "factorial(\(x)) is not defined or does not fit into BIGINT") }
            return (1...max(1, x)).reduce(1, *)
        },
        binary("gcd", aliases: ["greatest_common_divisor"], "Greatest common divisor.", "gcd(12, 18)") { (x, y) throws(ZLError) in
            try checked(Int128(divisor(x, y)), "gcd")
        },
        binary("lcm", aliases: ["least_common_multiple"], "Least common multiple.", "lcm(4, 6)") { (x, y) throws(ZLError) in
            x == 0 || y == 0 ? 0 : try checked(Int128(x.magnitude / divisor(x, y)) * Int128(y.magnitude), "lcm")
        },
    ]

    private static func divisor(_ x: Int64, _ y: Int64) -> UInt64 {
        var (a, b) = (x.magnitude, y.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    private static func checked(_ value: Int128, _ name: String) throws(ZLError) -> Int64 {
        guard let result = Int64(exactly: value) else { throw ZLError(.execution, "overflow", "the result of \(name) does not fit into BIGINT") }
        return result
    }

    private static func unary(
        _ name: String, _ summary: String, _ example: String, _ body: @escaping @Sendable (Int64) throws(ZLError) -> Int64
    ) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, summary, nullRule: .propagates, example: example),
            [
                ScalarOverload(name, [.bigint], .bigint) { (arguments, count, _) throws(ZLError) in
                    try Loops.mapOptional(arguments[0], count, .bigint, filler: Int64(0)) { (x: Int64) throws(ZLError) in try body(x) }
                }
            ])
    }

    private static func binary(
        _ name: String, aliases: [String] = [], _ summary: String, _ example: String,
        _ body: @escaping @Sendable (Int64, Int64) throws(ZLError) -> Int64
    ) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, aliases: aliases, summary, nullRule: .propagates, example: example),
            [
                ScalarOverload(name, [.bigint, .bigint], .bigint) { (arguments, count, _) throws(ZLError) in
                    try Loops.zipOptional(arguments[0], arguments[1], count, .bigint, filler: Int64(0)) { (x: Int64, y: Int64) throws(ZLError) in
                        try body(x, y)
                    }
                }
            ])
    }
}
