import Glibc
import ZLColumnar

/// Functions of numbers, in DOUBLE unless their name is about whole numbers. Outside its domain a function is what IEEE 754 says: sqrt
/// and ln of a negative number are NaN, ln(0) is negative infinity.
enum MathFunctions {
    static let functions: [ScalarFunction] =
        [
            unary("sqrt", "Square root.", "sqrt(2)") { $0.squareRoot() },
            unary("cbrt", "Cube root.", "cbrt(27)") { Glibc.cbrt($0) },
            unary("exp", "e raised to the argument.", "exp(1)") { Glibc.exp($0) },
            unary("ln", "Natural logarithm.", "ln(10)") { Glibc.log($0) },
            unary("log10", "Logarithm to base 10.", "log10(1000)") { Glibc.log10($0) },
            logarithm,
            unary("log2", "Logarithm to base 2.", "log2(8)") { Glibc.log2($0) },
            unary("sin", "Sine of radians.", "sin(1)") { Glibc.sin($0) },
            unary("cos", "Cosine of radians.", "cos(1)") { Glibc.cos($0) },
            unary("tan", "Tangent of radians.", "tan(1)") { Glibc.tan($0) },
            unary("asin", "Arc sine in radians.", "asin(1)") { Glibc.asin($0) },
            unary("acos", "Arc cosine in radians.", "acos(1)") { Glibc.acos($0) },
            unary("atan", "Arc tangent in radians.", "atan(1)") { Glibc.atan($0) },
            unary("degrees", "Radians as degrees.", "degrees(1)") { $0 * (180 / Double.pi) },
            unary("radians", "Degrees as radians.", "radians(180)") { $0 * (Double.pi / 180) },
            unary("sinh", "Hyperbolic sine.", "sinh(1)") { Glibc.sinh($0) },
            unary("cosh", "Hyperbolic cosine.", "cosh(1)") { Glibc.cosh($0) },
            unary("tanh", "Hyperbolic tangent.", "tanh(1)") { Glibc.tanh($0) },
            unary("asinh", "Inverse hyperbolic sine.", "asinh(1)") { Glibc.asinh($0) },
            unary("acosh", "Inverse hyperbolic cosine.", "acosh(2)") { Glibc.acosh($0) },
            unary("atanh", "Inverse hyperbolic tangent.", "atanh(0.5)") { Glibc.atanh($0) },
            unary("cot", "Cotangent of radians.", "cot(1)") { 1 / Glibc.tan($0) },
            unary("gamma", "The gamma function.", "gamma(5)") { Glibc.tgamma($0) },
            unary("lgamma", "Logarithm of the gamma function.", "lgamma(10)") { Glibc.lgamma($0) },
            unary("even", "Next even number away from zero.", "even(3)") { x in
                let whole = x.rounded(.awayFromZero)
                return whole.truncatingRemainder(dividingBy: 2) == 0 ? whole : whole + (whole > 0 ? 1 : -1)
            },
            binary("nextafter", "The next number towards the second one.", "nextafter(1, 2)") { Glibc.nextafter($0, $1) },
            test("signbit", "Whether the sign bit is set.", "signbit(-1.0)", of: .max, in: 1 << 63 ... .max),
            binary("atan2", "Angle of the point (x, y), from (y, x).", "atan2(1, 1)") { Glibc.atan2($0, $1) },
            binary("^", aliases: ["**", "pow", "power"], "Raises the first number to the second.", "2 ^ 10") { Glibc.pow($0, $1) },
            rounding("ceil", aliases: ["ceiling"], "Least whole number not below the argument.", "ceil(1.2)", .up),
            rounding("floor", "Greatest whole number not above the argument.", "floor(1.8)", .down),
            rounding("trunc", "Drops the fraction.", "trunc(-1.8)", .towardZero),
            round, absolute, sign,
            random,
            constant("pi", "The number pi.", Double.pi),
            test("isnan", "Whether the argument is NaN.", "isnan('nan'::DOUBLE)", in: infinity + 1 ... .max),
            test("isinf", "Whether the argument is infinite.", "isinf('inf'::DOUBLE)", in: infinity ... infinity),
            test("isfinite", "Whether the argument is a finite number.", "isfinite(1.0)", in: 0 ... infinity - 1),
            extremum("greatest", "Greatest of the arguments that are not NULL.", picksGreater: true),
            extremum("least", "Least of the arguments that are not NULL.", picksGreater: false),
        ]

    private static func unary(
        _ name: String, aliases: [String] = [], _ summary: String, _ example: String,
        _ body: @escaping @Sendable (Double) -> Double
    ) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, aliases: aliases, summary, nullRule: .propagates, example: example),
            [
                ScalarOverload(name, [.double], .double) { (arguments, count, _) throws(ZLError) in
                    Loops.map(arguments[0], count, .double) { (x: Double) in body(x) }
                }
            ])
    }

    private static func binary(
        _ name: String, aliases: [String] = [], _ summary: String, _ example: String,
        _ body: @escaping @Sendable (Double, Double) -> Double
    ) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, aliases: aliases, summary, nullRule: .propagates, example: example),
            [
                ScalarOverload(name, [.double, .double], .double) { (arguments, count, _) throws(ZLError) in
                    Loops.zip(arguments[0], arguments[1], count, .double) { (x: Double, y: Double) in body(x, y) }
                }
            ])
    }

    private static let infinity = Double.infinity.bitPattern

    /// Whether some bits of a number, by default those of its magnitude, lie in a range: the loop is free of calls.
    private static func test(
        _ name: String, _ summary: String, _ example: String, of mask: UInt64 = .max >> 1, in range: ClosedRange<UInt64>
    ) -> ScalarFunction {
        let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
        return ScalarFunction(
            FunctionDescription(name, .scalar, summary, nullRule: .propagates, example: example),
            [
                ScalarOverload(name, [.double], .boolean) { (arguments, count, _) throws(ZLError) in
                    Loops.map(arguments[0], count, .boolean) { (x: Double) in UInt8(x.bitPattern & mask &- low <= width ? 1 : 0) }
                }
            ])
    }

    private static let logarithm = ScalarFunction(
        FunctionDescription("log", .scalar, "Logarithm to base 10, or of the second number to the base of the first.", nullRule: .propagates, example: "log(2, 8)"),
        [
            ScalarOverload("log", [.double], .double) { (arguments, count, _) throws(ZLError) in
                Loops.map(arguments[0], count, .double) { (x: Double) in Glibc.log10(x) }
            },
            ScalarOverload("log", [.double, .double], .double) { (arguments, count, _) throws(ZLError) in
                Loops.zip(arguments[0], arguments[1], count, .double) { (base: Double, x: Double) in Glibc.log10(x) / Glibc.log10(base) }
            },
        ])

    private static let random = ScalarFunction(
        FunctionDescription("random", .scalar, "A number from 0 up to 1, another one for each row.", nullRule: .own, example: "random() < 1"),
        [
            ScalarOverload("random", [], .double) { (_, count, _) throws(ZLError) in
                let buffer = Buffer(byteCount: max(16, count * 8))
                let target = buffer.values(Double.self)
                for row in 0..<count { target[row] = Double.random(in: 0..<1) }
                return ColumnVector(type: .double, count: count, buffer: buffer)
            }
        ], isVolatile: true)

    private static func constant(_ name: String, _ summary: String, _ value: Double) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, summary, nullRule: .own, example: "\(name)()"),
            [
                ScalarOverload(name, [], .double) { (_, count, _) throws(ZLError) in
                    .constant(.double(value), type: .double, count: count)
                }
            ])
    }

    /// Numbers stay what they are: whole ones untouched, DECIMAL through DOUBLE.
    private static func rounding(
        _ name: String, aliases: [String] = [], _ summary: String, _ example: String, _ rule: FloatingPointRoundingRule
    ) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, aliases: aliases, summary, nullRule: .propagates, example: example),
            [
                ScalarOverload("\(name)(T) -> T", resolve: Signatures.uniform(count: 1) { $0.isInteger }) { (arguments, _, _) throws(ZLError) in
                    arguments[0]
                },
                ScalarOverload(name, [.double], .double) { (arguments, count, _) throws(ZLError) in
                    Loops.map(arguments[0], count, .double) { (x: Double) in x.rounded(rule) }
                },
            ])
    }

    private static let round = ScalarFunction(
        FunctionDescription(
            "round", .scalar, "Rounds half away from zero, to a number of decimals where one is given.",
            nullRule: .propagates, example: "round(2.345, 2)"),
        [
            ScalarOverload("round(T) -> T", resolve: Signatures.uniform(count: 1) { $0.isInteger }) { (arguments, _, _) throws(ZLError) in
                arguments[0]
            },
            ScalarOverload("round", [.double], .double) { (arguments, count, _) throws(ZLError) in
                Loops.map(arguments[0], count, .double) { (x: Double) in x.rounded(.toNearestOrAwayFromZero) }
            },
            ScalarOverload("round", [.double, .integer], .double) { (arguments, count, _) throws(ZLError) in
                Loops.zip(arguments[0], arguments[1], count, .double) { (x: Double, digits: Int32) in
                    let factor = Glibc.pow(10, Double(abs(digits)))
                    let scaled = digits >= 0 ? x * factor : x / factor
                    guard scaled.isFinite else { return x }
                    let rounded = scaled.rounded(.toNearestOrAwayFromZero)
                    return digits >= 0 ? rounded / factor : rounded * factor
                }
            },
        ])

    private static let absolute = ScalarFunction(
        FunctionDescription("abs", .scalar, aliases: ["@"], "Absolute value.", nullRule: .propagates, example: "abs(-3)"),
        [
            ScalarOverload("abs(T) -> T", resolve: Signatures.uniform(count: 1) { $0.isInteger }) { (arguments, count, signature) throws(ZLError) in
                let wide = try Cast.cast(arguments[0].flattened(), to: .hugeint)
                let magnitudes = try Loops.mapOptional(wide, count, .hugeint, filler: Int128(0)) { (x: Int128) in Int128(exactly: x.magnitude) }
                return try Cast.cast(magnitudes, to: signature.result)
            },
            ScalarOverload("abs", [.double], .double) { (arguments, count, _) throws(ZLError) in
                Loops.map(arguments[0], count, .double) { (x: Double) in x.magnitude }
            },
        ])

    private static let sign = ScalarFunction(
        FunctionDescription("sign", .scalar, "-1, 0 or 1.", nullRule: .propagates, example: "sign(-3)"),
        [
            ScalarOverload("sign", [.double], .tinyint) { (arguments, count, _) throws(ZLError) in
                Loops.map(arguments[0], count, .tinyint) { (x: Double) in Int8(x > 0 ? 1 : x < 0 ? -1 : 0) }
            }
        ])

    private static func extremum(_ name: String, _ summary: String, picksGreater: Bool) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, summary, nullRule: .own, example: "\(name)(1, 3, 2)"),
            [
                ScalarOverload("\(name)(T, ...) -> T", resolve: Signatures.uniform(count: 1, variadic: true) { _ in true }) {
                    (arguments, count, signature) throws(ZLError) in
                    var best = arguments[0].flattened()
                    for argument in arguments.dropFirst() {
                        let next = argument.flattened()
                        let greater = try FunctionRegistry.shared.resolveScalar(">", [signature.result, signature.result])
                        let isGreater = try greater.overload.kernel([next, best], count, greater.signature).flattened()
                        let flags = isGreater.values(UInt8.self)
                        let picks = Buffer(byteCount: max(16, count * 4))
                        let pick = picks.values(UInt32.self)
                        for row in 0..<count {
                            let takesNext = best.isNull(row) || (!next.isNull(row) && (flags[row] == 1) == picksGreater)
                            pick[row] = UInt32(takesNext ? count + row : row)
                        }
                        let both = ColumnVector.concatenate([best, next], type: signature.result)
                        best = withExtendedLifetime((isGreater, picks)) { both.gather(pick, count: count) }
                    }
                    return best
                }
            ])
    }
}
