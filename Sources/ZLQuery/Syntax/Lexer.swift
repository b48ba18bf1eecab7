import ZLColumnar

/// Cuts a text into tokens: words, quoted names, strings, numbers, parameters, symbols.
///
/// Linear in the text's length. Strings and names are decoded only when the parser asks for them (`Lexer+Values`).
struct Lexer {
    let source: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ source: [UInt8], range: Range<Int>? = nil) {
        self.source = source
        position = range?.lowerBound ?? 0
        end = range?.upperBound ?? source.count
    }

    /// All tokens of a text; the last one is `end`.
    ///
    /// - Throws: class syntax: bytes that are no UTF-8, a string, quoted name or comment without its end, a malformed
    ///   number, a character that SQL does not know.
    static func tokens(of source: [UInt8]) throws(SyntaxFailure) -> [Token] {
        if let bad = firstInvalidUTF8(source) {
            throw syntaxError("invalid_utf8", "the text is not valid UTF-8: byte \(hexadecimal(source[bad])) at offset \(bad)", bad..<bad + 1)
        }
        var lexer = Lexer(source)
        var tokens: [Token] = []
        tokens.reserveCapacity(source.count / 5 + 1)
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    /// The next token; `end` once the text is used up, and again after that.
    mutating func next() throws(SyntaxFailure) -> Token {
        try skipBlanksAndComments()
        let start = position
        guard start < end else { return Token(kind: .end, range: end..<end) }
        let kind = try scan()
        return Token(kind: kind, range: start..<position)
    }

    private mutating func scan() throws(SyntaxFailure) -> TokenKind {
        let byte = source[position]
        let following = peek(1)
        switch byte {
        case UInt8(ascii: "'"):
            try skipQuoted(UInt8(ascii: "'"), what: "string")
            return .string(.plain)
        case UInt8(ascii: "\""):
            let start = position
            try skipQuoted(byte, what: "quoted name")
            if position - start == 2 {
                throw Lexer.syntaxError("empty_name", "a quoted name must not be empty", start..<position)
            }
            return .quotedName
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            if following == UInt8(ascii: "'") {
                position += 1
                try skipEscapedString()
                return .string(.escaped)
            }
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            if following == UInt8(ascii: "'") {
                position += 1
                try skipQuoted(UInt8(ascii: "'"), what: "blob")
                return .string(.blob)
            }
        case UInt8(ascii: "$"):
            return try scanDollar()
        case UInt8(ascii: "?"):
            position += 1
            while isDigit(peek(0)) { position += 1 }
            return .parameter
        case UInt8(ascii: "."):
            if isDigit(following) { return .number(try scanNumber()) }
        default:
            break
        }
        if isDigit(byte) { return .number(try scanNumber()) }
        if Lexer.startsName(byte) { return try scanWord() }
        return .symbol(try scanSymbol())
    }

    private mutating func scanWord() throws(SyntaxFailure) -> TokenKind {
        let start = position
        while position < end, Lexer.continuesName(source[position]) {
            if source[position] >= 0x80 {
                if blankLength() > 0 { break }
                try refuseTypographicQuote()
            }
            position += 1
        }
        return .word(Keyword(word: source[start..<position]))
    }

    private mutating func scanSymbol() throws(SyntaxFailure) -> Symbol {
        let byte = source[position]
        if byte < 128 {
            for symbol in Symbol.byFirstByte[Int(byte)] where matches(symbol.rawValue) {
                position += symbol.rawValue.utf8.count
                return symbol
            }
        }
        let hint = byte == UInt8(ascii: "`") ? "Names are quoted with double quotes: \"name\"." : nil
        let shown = byte > 32 && byte < 127 ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(Lexer.hexadecimal(byte))"
        throw Lexer.syntaxError("unexpected_character", "unexpected character \(shown)", position..<position + 1, hint: hint)
    }

    private mutating func scanNumber() throws(SyntaxFailure) -> NumberForm {
        let start = position
        if source[position] == UInt8(ascii: "0"), let marker = peek(1) {
            if marker | 32 == UInt8(ascii: "x") { return try scanRadix(.hexadecimal, from: start) }
            if marker | 32 == UInt8(ascii: "b") { return try scanRadix(.binary, from: start) }
        }
        var form = NumberForm.integer
        skipDigits()
        // why: `1..2` and `1.method` do not exist, so a point after digits always belongs to the number.
        if peek(0) == UInt8(ascii: ".") {
            form = .decimal
            position += 1
            skipDigits()
        }
        if let marker = peek(0), marker | 32 == UInt8(ascii: "e") {
            let signLength = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
            if isDigit(peek(1 + signLength)) {
                form = .double
                position += 1 + signLength
                skipDigits()
            }
        }
        try endNumber(from: start)
        return form
    }

    private mutating func scanRadix(_ form: NumberForm, from start: Int) throws(SyntaxFailure) -> NumberForm {
        position += 2
        let digits = position
        while let byte = peek(0), Lexer.digitValue(byte, form) != nil || byte == UInt8(ascii: "_") { position += 1 }
        if position == digits { position += peek(0) == nil ? 0 : 1 }
        if position <= digits || Lexer.digitValue(source[digits], form) == nil {
            throw malformedNumber(from: start)
        }
        try endNumber(from: start)
        return form
    }

    /// Digits with single underscores between them.
    private mutating func skipDigits() {
        while true {
            if isDigit(peek(0)) {
                position += 1
            } else if peek(0) == UInt8(ascii: "_"), position > 0, isDigit(source[position - 1]), isDigit(peek(1)) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func endNumber(from start: Int) throws(SyntaxFailure) {
        guard let byte = peek(0), Lexer.continuesName(byte), blankLength() == 0 else { return }
        throw malformedNumber(from: start)
    }

    private mutating func malformedNumber(from start: Int) -> SyntaxFailure {
        while let byte = peek(0), Lexer.continuesName(byte), blankLength() == 0 { position += 1 }
        let text = String(decoding: source[start..<position], as: UTF8.self)
        return Lexer.syntaxError("malformed_number", "malformed number '\(text)'", start..<position)
    }

    /// `$1`, `$name`, `$$text$$`, `$tag$text$tag$`
    private mutating func scanDollar() throws(SyntaxFailure) -> TokenKind {
        let start = position
        position += 1
        if isDigit(peek(0)) {
            while isDigit(peek(0)) { position += 1 }
            return .parameter
        }
        while let byte = peek(0), Lexer.continuesName(byte), byte != UInt8(ascii: "$") { position += 1 }
        guard peek(0) == UInt8(ascii: "$") else {
            if position - start > 1 { return .parameter }
            throw Lexer.syntaxError("unexpected_character", "unexpected character '$'", start..<start + 1)
        }
        position += 1
        let tag = source[start..<position]
        while position < end {
            if source[position] == UInt8(ascii: "$"), position + tag.count <= end,
                source[position..<position + tag.count].elementsEqual(tag)
            {
                position += tag.count
                return .string(.dollar)
            }
            position += 1
        }
        throw unterminated("dollar-quoted string", start, "It ends with \(String(decoding: tag, as: UTF8.self)).")
    }

    private mutating func skipQuoted(_ quote: UInt8, what: String) throws(SyntaxFailure) {
        let start = position
        position += 1
        while position < end {
            if source[position] == quote {
                if peek(1) != quote {
                    position += 1
                    return
                }
                position += 1
            }
            position += 1
        }
        throw unterminated(what, start, "It ends with \(Character(UnicodeScalar(quote))); one inside it is written twice.")
    }

    private mutating func skipEscapedString() throws(SyntaxFailure) {
        let start = position
        position += 1
        while position < end {
            switch source[position] {
            case UInt8(ascii: "\\"):
                position += 2
            case UInt8(ascii: "'"):
                if peek(1) != UInt8(ascii: "'") {
                    position += 1
                    return
                }
                position += 2
            default:
                position += 1
            }
        }
        throw unterminated("string", start, "It ends with '.")
    }

    private mutating func skipBlanksAndComments() throws(SyntaxFailure) {
        while position < end {
            let length = blankLength()
            if length > 0 {
                position += length
            } else if matches("--") {
                while position < end, source[position] != UInt8(ascii: "\n") { position += 1 }
            } else if matches("/*") {
                try skipBlockComment()
            } else {
                return
            }
        }
    }

    private mutating func skipBlockComment() throws(SyntaxFailure) {
        let start = position
        var depth = 0
        while position < end {
            if matches("/*") {
                depth += 1
                position += 2
            } else if matches("*/") {
                depth -= 1
                position += 2
                if depth == 0 { return }
            } else {
                position += 1
            }
        }
        throw unterminated("comment", start, "It ends with */; comments nest.")
    }

    private mutating func unterminated(_ what: String, _ start: Int, _ hint: String) -> SyntaxFailure {
        position = end
        return Lexer.syntaxError("unterminated", "the \(what) that begins here has no end", start..<start + 1, hint: hint)
    }

    /// The length of the blank at the current place, 0 if there is none. Blanks of other scripts, which editors and web
    /// pages put into copied text, count.
    private func blankLength() -> Int {
        let byte = source[position]
        if byte == 32 || (9...13).contains(byte) { return 1 }
        if byte == 0xC2 { return peek(1) == 0xA0 ? 2 : 0 }
        guard byte == 0xE2 || byte == 0xE3 || byte == 0xEF, let second = peek(1), let third = peek(2) else { return 0 }
        switch (byte, second) {
        case (0xE2, 0x80): return (0x80...0x8B).contains(third) || third == 0xAF ? 3 : 0
        case (0xE2, 0x81): return third == 0x9F ? 3 : 0
        case (0xE3, 0x80): return third == 0x80 ? 3 : 0
        case (0xEF, 0xBB): return third == 0xBF ? 3 : 0
        default: return 0
        }
    }

    private func refuseTypographicQuote() throws(SyntaxFailure) {
        guard source[position] == 0xE2, peek(1) == 0x80, let third = peek(2), [0x98, 0x99, 0x9C, 0x9D].contains(third)
        else { return }
        throw Lexer.syntaxError(
            "unexpected_character", "unexpected typographic quote", position..<position + 3,
            hint: "Strings are quoted with ' and names with \".")
    }

    private func matches(_ text: String) -> Bool {
        var place = position
        for byte in text.utf8 {
            guard place < end, source[place] == byte else { return false }
            place += 1
        }
        return true
    }

    private func peek(_ distance: Int) -> UInt8? {
        position + distance < end ? source[position + distance] : nil
    }

    private func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return (48...57).contains(byte)
    }

    static func startsName(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    static func continuesName(_ byte: UInt8) -> Bool {
        startsName(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "$")
    }

    static func syntaxError(
        _ code: String, _ message: String, _ range: Range<Int>, hint: String? = nil
    ) -> SyntaxFailure {
        SyntaxFailure(ZLError(.syntax, code, message, hint: hint, range: range))
    }
}
