import CKernels
import Glibc
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
                    if escapes == nil, arguments[1].form == .constant, !pattern.isNull(0),
                        let literals = LiteralPattern(pattern.bytes(0), wild) {
                        for row in 0..<count { target[row] = !text.isNull(row) && literals.matches(text.bytes(row)) ? 1 : 0 }
                        return withExtendedLifetime(pattern) { ColumnVector(type: .boolean, count: count, buffer: buffer) }
                    }
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

/// A pattern of literal pieces with any text between them: the pieces are searched for one after the other.
///
/// Leftmost matches suffice: a later place of a piece leaves the next ones less text. Borrows the pattern's bytes.
struct LiteralPattern {
    /// What the text begins with.
    private let head: UnsafeRawBufferPointer
    /// What the text holds behind it, in order.
    private let middle: [UnsafeRawBufferPointer]
    /// What the text ends with; nil where the pattern has no wildcard.
    private let tail: UnsafeRawBufferPointer?

    /// Nil for a pattern that asks for single characters.
    init?(_ pattern: UnsafeRawBufferPointer, _ wild: (any: UInt8, one: UInt8)) {
        guard !pattern.contains(wild.one) else { return nil }
        var pieces = pattern.split(separator: wild.any, omittingEmptySubsequences: false).map { UnsafeRawBufferPointer(rebasing: $0) }
        head = pieces.removeFirst()
        tail = pieces.popLast()
        middle = pieces.filter { !$0.isEmpty }
    }

    /// - Complexity: O(text) where pieces are rare, as glibc's memmem.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let tail else { return LiteralPattern.areEqual(text, head) }
        guard text.count >= head.count + tail.count,
            LiteralPattern.areEqual(UnsafeRawBufferPointer(rebasing: text[..<head.count]), head),
            LiteralPattern.areEqual(UnsafeRawBufferPointer(rebasing: text[(text.count - tail.count)...]), tail)
        else { return false }
        guard let base = text.baseAddress else { return middle.isEmpty }
        var place = base + head.count
        let end = base + text.count - tail.count
        for piece in middle {
            guard let bytes = piece.baseAddress, let found = zl_find(place, end - place, bytes, piece.count) else { return false }
            place = found + piece.count
        }
        return true
    }

    private static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard a.count > 0, let p = a.baseAddress, let q = b.baseAddress else { return true }
        return memcmp(p, q, a.count) == 0
    }
}
