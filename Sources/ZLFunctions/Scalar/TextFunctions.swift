import ZLColumnar

/// Functions of text. Positions and lengths count Unicode characters (code points), as DuckDB's do; `strlen` counts bytes.
enum TextFunctions {
    static let functions: [ScalarFunction] = [
        concatenation,
        ScalarFunction(
            FunctionDescription(
                "concat", .scalar, "Joins the arguments as text; NULL counts as empty.", nullRule: .own, example: "concat('ZL', 'H', 25)"),
            [
                ScalarOverload("concat(VARCHAR, ...) -> VARCHAR", resolve: Signatures.uniform(count: 1, variadic: true, result: .varchar) { _ in true }) {
                    (arguments, count, _) throws(ZLError) in
                    join(arguments.map { TextFormat.varchar($0) }, count)
                }
            ]),
        characters("length", aliases: ["len", "char_length", "character_length"], "Number of characters.", "length('oil')") { text in Int64(text.count) },
        ScalarFunction(
            FunctionDescription("strlen", .scalar, "Number of bytes.", nullRule: .propagates, example: "strlen('oil')"),
            [
                ScalarOverload("strlen", [.varchar], .bigint) { (arguments, count, _) throws(ZLError) in
                    Loops.map(arguments[0], count, .bigint) { (view: StringView) in Int64(view.count) }
                }
            ]),
        text("upper", aliases: ["ucase"], "Upper case.", "upper('zl')") { $0.uppercased() },
        text("lower", aliases: ["lcase"], "Lower case.", "lower('ZL')") { $0.lowercased() },
        text("reverse", "The characters in reverse order.", "reverse('abc')") { String($0.reversed()) },
        trimming("trim", "Drops blanks, or the given characters, at both ends.", start: true, end: true),
        trimming("ltrim", "Drops blanks, or the given characters, at the start.", start: true, end: false),
        trimming("rtrim", "Drops blanks, or the given characters, at the end.", start: false, end: true),
        predicate("contains", "Whether the first text holds the second.", "contains('soybean oil', 'oil')") { TextSearch.find($1, in: $0) != nil },
        predicate("starts_with", aliases: ["prefix", "^@"], "Whether the first text begins with the second.", "starts_with('ZLH5', 'ZL')") {
            $0.count >= $1.count && zip($0, $1).allSatisfy(==)
        },
        predicate("ends_with", aliases: ["suffix"], "Whether the first text ends with the second.", "ends_with('ZLH5', '5')") {
            $0.count >= $1.count && zip($0.suffix($1.count), $1).allSatisfy(==)
        },
        TextFunctions.values("substring", aliases: ["substr"], "Characters from a position (1 is the first), as many as are asked for.",
            "substring('ZLH5', 1, 2)", [[.varchar, .bigint], [.varchar, .bigint, .bigint]], .varchar) { arguments in
                .string(substring(arguments))
            },
        TextFunctions.values("left", "The first characters.", "left('ZLH5', 2)", [[.varchar, .bigint]], .varchar) { arguments in
            guard case .string(let text) = arguments[0], case .integer(let count) = arguments[1] else { return .null }
            return .string(String(text.unicodeScalars.prefix(count >= 0 ? clamp(count) : max(0, text.unicodeScalars.count - clamp(-count))).map(Character.init)))
        },
        TextFunctions.values("right", "The last characters.", "right('ZLH5', 2)", [[.varchar, .bigint]], .varchar) { arguments in
            guard case .string(let text) = arguments[0], case .integer(let count) = arguments[1] else { return .null }
            return .string(String(text.unicodeScalars.suffix(count >= 0 ? clamp(count) : max(0, text.unicodeScalars.count - clamp(-count))).map(Character.init)))
        },
        TextFunctions.values("replace", "Replaces every occurrence of the second text by the third.", "replace('a-b', '-', '/')",
            [[.varchar, .varchar, .varchar]], .varchar) { arguments in
                guard case .string(let text) = arguments[0], case .string(let old) = arguments[1], case .string(let new) = arguments[2] else { return .null }
                return .string(TextSearch.replace(old, by: new, in: text))
            },
        TextFunctions.values("position", aliases: ["strpos", "instr"], "Position of the second text in the first; 0 where it is not there.",
            "position('oil', 'i')", [[.varchar, .varchar]], .bigint) { arguments in
                guard case .string(let text) = arguments[0], case .string(let part) = arguments[1] else { return .null }
                let bytes = Array(text.utf8)
                guard let offset = TextSearch.find(Array(part.utf8), in: bytes) else { return .integer(0) }
                return .integer(Int128(bytes[..<offset].lazy.filter { $0 & 0xC0 != 0x80 }.count + 1))
            },
        TextFunctions.values("split_part", "The n-th part of a text cut at a separator; empty where there is none.", "split_part('ZL.v.0', '.', 1)",
            [[.varchar, .varchar, .bigint]], .varchar) { arguments in
                guard case .string(let text) = arguments[0], case .string(let separator) = arguments[1], case .integer(let index) = arguments[2] else { return .null }
                let parts = TextSearch.split(text, at: separator)
                let place = index > 0 ? clamp(index) - 1 : index < 0 ? parts.count - clamp(-index) : 0
                return .string(parts.indices.contains(place) ? parts[place] : "")
            },
        TextFunctions.values("repeat", "The text several times over.", "repeat('ab', 3)", [[.varchar, .bigint]], .varchar) { (arguments) throws(ZLError) in
            guard case .string(let text) = arguments[0], case .integer(let times) = arguments[1] else { return .null }
            guard Int128(text.utf8.count) * max(0, times) <= greatestLength else {
                throw ZLError(.execution, "text_too_long", "repeat would make a text of more than \(greatestLength) bytes")
            }
            return .string(String(repeating: text, count: clamp(max(0, times))))
        },
        ScalarFunction(
            FunctionDescription("error", .scalar, "Fails with the given message.", nullRule: .propagates, example: "CASE WHEN 1 > 2 THEN error('no') END"),
            [
                ScalarOverload("error", [.varchar], .varchar) { (arguments, count, _) throws(ZLError) in
                    for row in 0..<count {
                        if case .string(let message) = arguments[0].value(at: row) { throw ZLError(.execution, "user_error", message) }
                    }
                    return .nulls(.varchar, count: count)
                }
            ], isVolatile: true),
    ]

    private static let greatestLength: Int128 = 1 << 30

    static func clamp(_ number: Int128) -> Int { Int(exactly: number) ?? (number < 0 ? Int.min / 2 : Int.max / 2) }

    private static let concatenation = ScalarFunction(
        FunctionDescription("||", .scalar, "Joins texts; NULL where one is NULL.", nullRule: .propagates, example: "'ZL' || '.v.0'"),
        [
            ScalarOverload("||(VARCHAR, ...) -> VARCHAR", resolve: { types in
                guard types.count >= 2 else { return nil }
                return ResolvedSignature(arguments: [DataType](repeating: .varchar, count: types.count), result: .varchar, cost: 0)
            }, kernel: { (arguments, count, _) throws(ZLError) in join(arguments, count) })
        ])

    private static func join(_ arguments: [ColumnVector], _ count: Int) -> ColumnVector {
        let columns = arguments.map { TextColumn($0) }
        let builder = ColumnBuilder(type: .varchar, capacity: count)
        let scratch = ByteBuffer()
        for row in 0..<count {
            scratch.removeAll()
            for column in columns where !column.isNull(row) { scratch.append(column.bytes(row)) }
            builder.append(bytes: scratch.bytes)
        }
        return builder.finish()
    }

    private static func characters(
        _ name: String, aliases: [String], _ summary: String, _ example: String,
        _ body: @escaping @Sendable (String.UnicodeScalarView) -> Int64
    ) -> ScalarFunction {
        values(name, aliases: aliases, summary, example, [[.varchar]], .bigint) { arguments in
            guard case .string(let text) = arguments[0] else { return .null }
            return .integer(Int128(body(text.unicodeScalars)))
        }
    }

    private static func text(
        _ name: String, aliases: [String] = [], _ summary: String, _ example: String, _ body: @escaping @Sendable (String) -> String
    ) -> ScalarFunction {
        values(name, aliases: aliases, summary, example, [[.varchar]], .varchar) { arguments in
            guard case .string(let text) = arguments[0] else { return .null }
            return .string(body(text))
        }
    }

    private static func predicate(
        _ name: String, aliases: [String] = [], _ summary: String, _ example: String,
        _ body: @escaping @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, aliases: aliases, summary, nullRule: .propagates, example: example),
            [
                ScalarOverload(name, [.varchar, .varchar], .boolean) { (arguments, count, _) throws(ZLError) in
                    let a = TextColumn(arguments[0])
                    let b = TextColumn(arguments[1])
                    let buffer = Buffer(byteCount: max(16, count))
                    let target = buffer.values(UInt8.self)
                    for row in 0..<count {
                        target[row] = !a.isNull(row) && !b.isNull(row) && body(a.bytes(row), b.bytes(row)) ? 1 : 0
                    }
                    return ColumnVector(type: .boolean, count: count, buffer: buffer)
                }
            ])
    }

    private static func trimming(_ name: String, _ summary: String, start: Bool, end: Bool) -> ScalarFunction {
        values(name, summary, "\(name)('  oil ')", [[.varchar], [.varchar, .varchar]], .varchar) { arguments in
            guard case .string(let text) = arguments[0] else { return .null }
            var dropped: Set<Unicode.Scalar> = [" "]
            if arguments.count > 1, case .string(let characters) = arguments[1] { dropped = Set(characters.unicodeScalars) }
            var scalars = Substring(text).unicodeScalars
            if start { scalars = scalars.drop { dropped.contains($0) } }
            if end { while let last = scalars.last, dropped.contains(last) { scalars.removeLast() } }
            return .string(String(scalars))
        }
    }

    /// A function over single values: for what is not in anybody's inner loop.
    static func values(
        _ name: String, aliases: [String] = [], _ summary: String, _ example: String, _ parameters: [[DataType]], _ result: DataType,
        _ body: @escaping @Sendable ([Value]) throws(ZLError) -> Value
    ) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, aliases: aliases, summary, nullRule: .propagates, example: example),
            parameters.map { types in
                ScalarOverload(name, types, result) { (arguments, count, _) throws(ZLError) in
                    try Loops.rows(arguments, count, result, body)
                }
            })
    }

    /// SQL's substring: positions before the first character use up length, negative ones count from the end.
    private static func substring(_ arguments: [Value]) -> String {
        guard case .string(let text) = arguments[0], case .integer(let position) = arguments[1] else { return "" }
        let scalars = Array(text.unicodeScalars)
        var first = clamp(position) - 1
        if position < 0 { first = scalars.count + clamp(position) }
        if position == 0 { first = -1 }
        var end = scalars.count
        if arguments.count > 2, case .integer(let length) = arguments[2] {
            end = min(end, first + min(clamp(max(0, length)), Int.max / 4))
        }
        first = max(0, first)
        guard first < end else { return "" }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars[first..<end])
        return String(result)
    }
}
