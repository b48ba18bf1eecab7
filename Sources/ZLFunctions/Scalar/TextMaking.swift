import ZLColumnar

/// Text padded, made from character codes, and taken apart into them.
enum TextMaking {
    static let functions: [ScalarFunction] = [
        padding("lpad", "Fills a text up to a length at its start, or cuts it.", isLeft: true),
        padding("rpad", "Fills a text up to a length at its end, or cuts it.", isLeft: false),
        TextFunctions.values("chr", "The character of a code point.", "chr(65)", [[.bigint]], .varchar) { (values) throws(ZLError) in
            guard case .integer(let code) = values[0] else { return .null }
            guard let small = UInt32(exactly: code), let scalar = Unicode.Scalar(small) else {
                throw ZLError(.conversion, "no_character", "there is no character \(code)")
            }
            return .string(String(Character(scalar)))
        },
        TextFunctions.values(
            "unicode", aliases: ["ord"], "Code point of the first character; -1 for an empty text.", "unicode('A')", [[.varchar]], .integer
        ) { values in
            guard case .string(let text) = values[0] else { return .null }
            return .integer(text.unicodeScalars.first.map { Int128($0.value) } ?? -1)
        },
        TextFunctions.values("ascii", "Code point of the first character; 0 for an empty text.", "ascii('A')", [[.varchar]], .integer) { values in
            guard case .string(let text) = values[0] else { return .null }
            return .integer(text.unicodeScalars.first.map { Int128($0.value) } ?? 0)
        },
        TextFunctions.values("bit_length", "Number of bits of a text.", "bit_length('abc')", [[.varchar]], .bigint) { values in
            guard case .string(let text) = values[0] else { return .null }
            return .integer(Int128(text.utf8.count) * 8)
        },
        TextFunctions.values("octet_length", "Number of bytes of a BLOB.", "octet_length('abc'::BLOB)", [[.blob]], .bigint) { values in
            guard case .blob(let bytes) = values[0] else { return .null }
            return .integer(Int128(bytes.count))
        },
        TextFunctions.values(
            "translate", "Replaces each character of the second text by the one at its place in the third.", "translate('abc', 'ab', 'xy')",
            [[.varchar, .varchar, .varchar]], .varchar
        ) { values in
            guard case .string(let text) = values[0], case .string(let from) = values[1], case .string(let to) = values[2] else { return .null }
            let targets = Array(to.unicodeScalars)
            var map: [Unicode.Scalar: Unicode.Scalar?] = [:]
            for (place, scalar) in from.unicodeScalars.enumerated() where map[scalar] == nil {
                map.updateValue(place < targets.count ? targets[place] : nil, forKey: scalar)
            }
            var result = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                guard let target = map[scalar] else {
                    result.append(scalar)
                    continue
                }
                if let target { result.append(target) }
            }
            return .string(String(result))
        },
        ScalarFunction(
            FunctionDescription(
                "concat_ws", .scalar, "Joins the arguments behind the first one as text, with the first between them; NULLs are left out.",
                nullRule: .own, example: "concat_ws('-', 'ZL', 'H', 25)"),
            [
                ScalarOverload("concat_ws(VARCHAR, ...) -> VARCHAR", resolve: Signatures.uniform(count: 2, variadic: true, result: .varchar) { _ in true }) {
                    (arguments, count, _) throws(ZLError) in
                    let columns = arguments.map { TextColumn(TextFormat.varchar($0)) }
                    let builder = ColumnBuilder(type: .varchar, capacity: count)
                    for row in 0..<count {
                        if columns[0].isNull(row) {
                            builder.appendNull()
                            continue
                        }
                        let text = ByteBuffer()
                        var isFirst = true
                        for column in columns.dropFirst() where !column.isNull(row) {
                            if !isFirst { text.append(columns[0].bytes(row)) }
                            text.append(column.bytes(row))
                            isFirst = false
                        }
                        builder.append(bytes: text.bytes)
                    }
                    return builder.finish()
                }
            ]),
    ]

    private static let greatestLength: Int128 = 1 << 24

    private static func padding(_ name: String, _ summary: String, isLeft: Bool) -> ScalarFunction {
        TextFunctions.values(name, summary, "\(name)('7', 3, '0')", [[.varchar, .bigint, .varchar]], .varchar) { (values) throws(ZLError) in
            guard case .string(let text) = values[0], case .integer(let length) = values[1], case .string(let filler) = values[2] else { return .null }
            guard length <= greatestLength else {
                throw ZLError(.execution, "text_too_long", "\(name) would make a text of more than \(greatestLength) characters")
            }
            let scalars = Array(text.unicodeScalars.prefix(Int(max(0, length))))
            let missing = Int(max(0, length)) - scalars.count
            let pattern = Array(filler.unicodeScalars)
            guard missing > 0, !pattern.isEmpty else {
                guard missing == 0 else { throw ZLError(.execution, "empty_padding", "\(name) needs something to fill with, found an empty text") }
                return .string(String(String.UnicodeScalarView(scalars)))
            }
            let filling = (0..<missing).map { pattern[$0 % pattern.count] }
            return .string(String(String.UnicodeScalarView(isLeft ? filling + scalars : scalars + filling)))
        }
    }
}
