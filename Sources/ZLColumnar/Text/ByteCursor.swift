/// Walks over bytes without ever leaving them.
struct ByteCursor {
    private var position: UnsafePointer<UInt8>?
    private var end: UnsafePointer<UInt8>?

    init(_ bytes: UnsafeRawBufferPointer) {
        position = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        end = position.map { $0 + bytes.count }
    }

    var isAtEnd: Bool { position == end }

    @inline(__always)
    var peek: UInt8? {
        guard let position, position != end else { return nil }
        return position.pointee
    }

    var peekNextIsDigit: Bool {
        guard let position, let end, end - position > 1 else { return false }
        return position[1] &- 48 <= 9
    }

    var isDigitsOnly: Bool {
        guard let position, remaining > 0 else { return false }
        for index in 0..<remaining where position[index] &- 48 > 9 { return false }
        return true
    }

    /// Bytes that are left.
    var remaining: Int {
        guard let position, let end else { return 0 }
        return end - position
    }

    @inline(__always)
    mutating func skip(_ count: Int) { position = position.map { $0 + min(count, remaining) } }

    @inline(__always)
    mutating func accept(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position = position.map { $0 + 1 }
        return true
    }

    /// Drops blanks at both ends.
    @inline(__always)
    mutating func trim() {
        skipBlanks()
        guard var last = end, let position else { return }
        while last != position, ByteCursor.isBlank(last[-1]) { last -= 1 }
        end = last
    }

    @inline(__always)
    mutating func skipBlanks() {
        while let byte = peek, ByteCursor.isBlank(byte) { position = position.map { $0 + 1 } }
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

    /// A number of one to `most` digits.
    @inline(__always)
    mutating func number(most: Int) -> Int? {
        var value = 0
        var found = 0
        while found < most, let byte = peek, byte &- 48 <= 9 {
            value = value &* 10 &+ Int(byte &- 48)
            found &+= 1
            position = position.map { $0 + 1 }
        }
        return found > 0 ? value : nil
    }

    /// Whether the rest, without regard to case, is `word` (lower-case ASCII).
    func restIs(_ word: StaticString) -> Bool {
        guard remaining == word.utf8CodeUnitCount, let position else { return false }
        for index in 0..<remaining where ByteCursor.lower(position[index]) != word.utf8Start[index] { return false }
        return true
    }

    /// Takes the ASCII letters that come next, in lower case.
    mutating func word() -> [UInt8] {
        var letters: [UInt8] = []
        while let byte = peek, (ByteCursor.lower(byte) &- 97) < 26 {
            letters.append(ByteCursor.lower(byte))
            skip(1)
        }
        return letters
    }

    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }
}
