import ZLColumnar

/// What the tokens stand for: strings without quotes and escapes, numbers in plain digits, validity of the text.
extension Lexer {
    /// The text of a quoted name or plain string, doubled quotes taken as one.
    static func unquoted(_ source: [UInt8], _ range: Range<Int>) -> String {
        guard range.count >= 2 else { return "" }
        let quote = source[range.lowerBound]
        let inner = source[range.lowerBound + 1..<range.upperBound - 1]
        guard inner.contains(quote) else { return String(decoding: inner, as: UTF8.self) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(inner.count)
        var place = inner.startIndex
        while place < inner.endIndex {
            bytes.append(inner[place])
            place += inner[place] == quote ? 2 : 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text between the tags of `$tag$text$tag$`.
    static func dollarQuoted(_ source: [UInt8], _ range: Range<Int>) -> String {
        guard let tagEnd = source[range].dropFirst().firstIndex(of: UInt8(ascii: "$")) else { return "" }
        let tagLength = tagEnd + 1 - range.lowerBound
        guard range.count >= 2 * tagLength else { return "" }
        return String(decoding: source[tagEnd + 1..<range.upperBound - tagLength], as: UTF8.self)
    }

    /// The text of `E'...'`: `\n \t \r \b \f`, `\xHH`, `\uXXXX`, `\UXXXXXXXX`, `\ooo`, any other character after a
    /// backslash as it is.
    static func unescaped(_ source: [UInt8], _ range: Range<Int>) throws(SyntaxFailure) -> String {
        var bytes: [UInt8] = []
        var place = range.lowerBound + 2
        let end = range.upperBound - 1
        while place < end {
            let byte = source[place]
            if byte == UInt8(ascii: "'") {
                bytes.append(byte)
                place += 2
            } else if byte == UInt8(ascii: "\\"), place + 1 < end {
                try unescape(source, &place, end, into: &bytes)
            } else {
                bytes.append(byte)
                place += 1
            }
        }
        guard firstInvalidUTF8(bytes) == nil, !bytes.contains(0) else {
            throw syntaxError("invalid_escape", "the escapes of the string do not make valid UTF-8 text", range)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescape(
        _ source: [UInt8], _ place: inout Int, _ end: Int, into bytes: inout [UInt8]
    ) throws(SyntaxFailure) {
        let start = place
        let letter = source[place + 1]
        place += 2
        switch letter {
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "b"): bytes.append(8)
        case UInt8(ascii: "f"): bytes.append(12)
        case UInt8(ascii: "x"):
            let (value, count) = digits(source, place, end, radix: 16, atMost: 2)
            guard count > 0 else { bytes.append(letter); return }
            bytes.append(UInt8(truncatingIfNeeded: value))
            place += count
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let wanted = letter == UInt8(ascii: "u") ? 4 : 8
            let (value, count) = digits(source, place, end, radix: 16, atMost: wanted)
            guard count == wanted, let scalar = UnicodeScalar(value) else {
                throw syntaxError("invalid_escape", "malformed Unicode escape", start..<min(place + count, end))
            }
            bytes.append(contentsOf: String(Character(scalar)).utf8)
            place += count
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            let (value, count) = digits(source, place - 1, end, radix: 8, atMost: 3)
            bytes.append(UInt8(truncatingIfNeeded: value))
            place += count - 1
        default:
            bytes.append(letter)
        }
    }

    private static func digits(
        _ source: [UInt8], _ place: Int, _ end: Int, radix: UInt32, atMost: Int
    ) -> (value: UInt32, count: Int) {
        var value: UInt32 = 0
        var count = 0
        while count < atMost, place + count < end, let digit = digitValue(source[place + count], .hexadecimal),
            UInt32(digit) < radix
        {
            value = value &* radix &+ UInt32(digit)
            count += 1
        }
        return (value, count)
    }

    /// The bytes of `x'00FF'`.
    static func blob(_ source: [UInt8], _ range: Range<Int>) throws(SyntaxFailure) -> [UInt8] {
        let text = source[range.lowerBound + 2..<range.upperBound - 1]
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in text {
            guard let digit = digitValue(byte, .hexadecimal) else {
                throw syntaxError("malformed_blob", "a blob literal holds hexadecimal digits only", range)
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil else {
            throw syntaxError("malformed_blob", "a blob literal needs an even number of hexadecimal digits", range)
        }
        return bytes
    }

    /// The number as a literal: underscores out, hexadecimal and binary turned into decimal digits.
    static func number(_ source: [UInt8], _ range: Range<Int>, _ form: NumberForm) throws(SyntaxFailure) -> Literal {
        let bytes = source[range].filter { $0 != UInt8(ascii: "_") }
        switch form {
        case .integer: return .integer(String(decoding: bytes, as: UTF8.self))
        case .decimal: return .decimal(String(decoding: bytes, as: UTF8.self))
        case .double: return .double(String(decoding: bytes, as: UTF8.self))
        case .hexadecimal, .binary:
            let radix: UInt128 = form == .hexadecimal ? 16 : 2
            var value: UInt128 = 0
            for byte in bytes.dropFirst(2) {
                let (product, overflow) = value.multipliedReportingOverflow(by: radix)
                guard !overflow, let digit = digitValue(byte, form) else {
                    let text = String(decoding: source[range], as: UTF8.self)
                    throw syntaxError("malformed_number", "the number '\(text)' does not fit into 128 bits", range)
                }
                value = product | UInt128(digit)
            }
            return .integer(String(value))
        }
    }

    static func digitValue(_ byte: UInt8, _ form: NumberForm) -> UInt8? {
        switch byte {
        case 48...57:
            let digit = byte - 48
            return form == .binary && digit > 1 ? nil : digit
        case 97...102: return form == .hexadecimal ? byte - 87 : nil
        case 65...70: return form == .hexadecimal ? byte - 55 : nil
        default: return nil
        }
    }

    static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16).uppercasedASCII
        return byte < 16 ? "0x0\(digits)" : "0x\(digits)"
    }

    /// The offset of the first byte that does not belong to well-formed UTF-8 (Unicode 15, table 3-7).
    static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
        var place = 0
        while place < bytes.count {
            let lead = bytes[place]
            if lead < 0x80 {
                place += 1
                continue
            }
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: length = 3
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            case 0xF1...0xF3: length = 4
            default: return place
            }
            guard place + length <= bytes.count, second.contains(bytes[place + 1]) else { return place }
            for offset in 2..<max(length, 2) where bytes[place + offset] & 0xC0 != 0x80 { return place }
            place += length
        }
        return nil
    }
}
