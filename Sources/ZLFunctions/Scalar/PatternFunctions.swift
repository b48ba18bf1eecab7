import ZLColumnar

/// LIKE, ILIKE and GLOB. The names are those of PostgreSQL's operators.
enum PatternFunctions {
    static let functions: [ScalarFunction] = [
        matcher("~~", aliases: ["like_escape"], "LIKE: % stands for any text, _ for one character.", "'ZLH5' LIKE 'ZL%'", wild: (0x25, 0x5F), ignoresCase: false),
        matcher("~~*", aliases: ["ilike_escape"], "ILIKE: LIKE without regard to case.", "'zlh5' ILIKE 'ZL%'", wild: (0x25, 0x5F), ignoresCase: true),
        matcher("~~~", "GLOB: * stands for any text, ? for one character.", "'ZLH5' GLOB 'ZL*'", wild: (0x2A, 0x3F), ignoresCase: false),
    ]

    private static func matcher(
        _ name: String, aliases: [String] = [], _ summary: String, _ example: String, wild: (any: UInt8, one: UInt8), ignoresCase: Bool
    ) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(name, .scalar, aliases: aliases, summary, nullRule: .propagates, example: example),
            [[DataType.varchar, .varchar], [.varchar, .varchar, .varchar]].map { types in
                ScalarOverload(name, types, .boolean) { (arguments, count, _) throws(ZLError) in
                    let text = TextColumn(ignoresCase ? lowered(arguments[0], count) : arguments[0])
                    let pattern = TextColumn(ignoresCase ? lowered(arguments[1], count) : arguments[1])
                    let escapes = arguments.count > 2 ? TextColumn(arguments[2]) : nil
                    let buffer = Buffer(byteCount: max(16, count))
                    let target = buffer.values(UInt8.self)
                    for row in 0..<count {
                        target[row] = 0
                        if text.isNull(row) || pattern.isNull(row) || escapes?.isNull(row) == true { continue }
                        let escape = escapes.flatMap { $0.bytes(row).first }
                        target[row] = matches(text.bytes(row), pattern.bytes(row), wild, escape) ? 1 : 0
                    }
                    return ColumnVector(type: .boolean, count: count, buffer: buffer)
                }
            })
    }

    private static func lowered(_ vector: ColumnVector, _ count: Int) -> ColumnVector {
        Loops.mapText(vector, count) { bytes, target in target.append(text: String(decoding: bytes, as: UTF8.self).lowercased()) }
    }

    /// Greedy matching with one point to come back to: O(text * pattern) at worst, no recursion.
    static func matches(
        _ text: UnsafeRawBufferPointer, _ pattern: UnsafeRawBufferPointer, _ wild: (any: UInt8, one: UInt8), _ escape: UInt8?
    ) -> Bool {
        var t = 0
        var p = 0
        var back: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count {
                let letter = pattern[p]
                if let escape, letter == escape, p + 1 < pattern.count {
                    if pattern[p + 1] == text[t] {
                        p += 2
                        t += 1
                        continue
                    }
                } else if letter == wild.any {
                    p += 1
                    back = (p, t)
                    continue
                } else if letter == wild.one {
                    p += 1
                    t = next(text, t)
                    continue
                } else if letter == text[t] {
                    p += 1
                    t += 1
                    continue
                }
            }
            guard let point = back else { return false }
            t = next(text, point.text)
            back = (point.pattern, t)
            p = point.pattern
        }
        while p < pattern.count, pattern[p] == wild.any { p += 1 }
        return p == pattern.count
    }

    /// The start of the next UTF-8 character.
    private static func next(_ text: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        var offset = offset + 1
        while offset < text.count, text[offset] & 0xC0 == 0x80 { offset += 1 }
        return offset
    }
}
