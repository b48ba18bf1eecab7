import Glibc

/// A piece of a line of a model's text. The whole text is followed by a zero byte, where reading a number stops at the latest.
struct TextSlice {
    let start: UnsafePointer<UInt8>
    let count: Int

    var isEmpty: Bool { count == 0 }

    var string: String { String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) }

    /// The text in quotes for a message, cut where it is long.
    var excerpt: String {
        let limit = 40
        guard count > limit else { return "\"\(string)\"" }
        return "\"\(TextSlice(start: start, count: limit).string)...\""
    }

    func hasPrefix(_ prefix: String) -> Bool {
        guard prefix.utf8.count <= count else { return false }
        for (offset, byte) in prefix.utf8.enumerated() where start[offset] != byte { return false }
        return true
    }

    private func firstIndex(of byte: UInt8) -> Int? { (0..<count).first { start[$0] == byte } }

    /// Splits at the first `=`.
    func keyAndValue() -> (key: String, value: TextSlice)? {
        guard let sign = firstIndex(of: UInt8(ascii: "=")), sign > 0 else { return nil }
        return (
            TextSlice(start: start, count: sign).string,
            TextSlice(start: start + sign + 1, count: count - sign - 1)
        )
    }

    /// The pieces between single or repeated blanks.
    func words() -> [TextSlice] {
        var words: [TextSlice] = []
        var begin = 0
        for index in 0...count where index == count || start[index] == UInt8(ascii: " ") {
            if index > begin { words.append(TextSlice(start: start + begin, count: index - begin)) }
            begin = index + 1
        }
        return words
    }

    /// A decimal integer with an optional minus sign.
    func integer() -> Int? {
        let isNegative: Bool = count > 0 && start[0] == UInt8(ascii: "-")
        let first: Int = isNegative ? 1 : 0
        guard count > first, count - first <= 18 else { return nil }
        var value = 0
        for index in first..<count {
            let digit = Int(start[index]) - Int(UInt8(ascii: "0"))
            guard (0...9).contains(digit) else { return nil }
            value = value * 10 + digit
        }
        return isNegative ? -value : value
    }

    /// A number that takes up the whole slice; `inf` and `nan` are numbers. Inside `withPointAsSeparator`.
    func double() -> Double? {
        guard count > 0, start[0] != UInt8(ascii: " ") else { return nil }
        return start.withMemoryRebound(to: CChar.self, capacity: count) { text in
            var end: UnsafeMutablePointer<CChar>?
            let value: Double = strtod(text, &end)
            guard let end, UnsafePointer(end) == text + count else { return nil }
            return value
        }
    }

    /// The two numbers of `[min:max]`.
    func range() -> (Double, Double)? {
        guard count > 2, start[0] == UInt8(ascii: "["), start[count - 1] == UInt8(ascii: "]"),
            let colon = firstIndex(of: UInt8(ascii: ":")),
            let low = TextSlice(start: start + 1, count: colon - 1).double(),
            let high = TextSlice(start: start + colon + 1, count: count - colon - 2).double()
        else { return nil }
        return (low, high)
    }

    /// Whether this is a list of categories, `-1:2:5`.
    var isCategoryList: Bool {
        firstIndex(of: UInt8(ascii: ":")) != nil
            && (0..<count).allSatisfy { index in
                let byte: UInt8 = start[index]
                return (48...58).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    /// The name and value of `[name: value]`.
    func parameterSetting() -> ParameterSetting? {
        guard count > 2, start[0] == UInt8(ascii: "["), start[count - 1] == UInt8(ascii: "]"),
            let colon = firstIndex(of: UInt8(ascii: ":")), colon + 1 < count, start[colon + 1] == UInt8(ascii: " ")
        else { return nil }
        return ParameterSetting(
            name: TextSlice(start: start + 1, count: colon - 1).string,
            value: TextSlice(start: start + colon + 2, count: count - colon - 3).string)
    }
}

/// Goes through the lines of a text that ends in a zero byte; line ends are LF or CRLF.
struct LineCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// The number of the line that was read last, counted from 1.
    private(set) var number = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The next line without its end, nil after the last.
    func peek() -> TextSlice? {
        guard let base = bytes.baseAddress, position < bytes.count - 1 else { return nil }
        var end: Int = lineEnd
        if end > position && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return TextSlice(start: base + position, count: end - position)
    }

    mutating func next() -> TextSlice? {
        let line: TextSlice? = peek()
        if line != nil { advance() }
        return line
    }

    /// Goes past the next line.
    mutating func advance() {
        position = lineEnd + 1
        number += 1
    }

    private var lineEnd: Int {
        guard let base = bytes.baseAddress else { return 0 }
        let rest: Int = bytes.count - 1 - position
        guard rest > 0, let found = memchr(base + position, 10, rest) else { return bytes.count - 1 }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}
