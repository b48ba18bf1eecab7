/// Finds where one statement of a script or of typed lines ends, without parsing it.
///
/// For example, the prompt appends each line to a buffer and asks:
///
///     switch StatementSplitter.next(in: buffer, from: 0) {
///     case .complete(let range, let rest): run(buffer[range]); continue at rest
///     case .incomplete: show the continuation prompt
///     case .blank: nothing but blanks and comments
///     }
public enum StatementSplitter {
    /// What stands at a place of a text.
    public enum Piece: Hashable, Sendable {
        /// A statement (UTF-8 offsets, leading blanks and comments and the semicolon left out), and where to go on.
        case complete(Range<Int>, next: Int)
        /// A statement that begins here and has no semicolon yet; at the end of a file it is the last one.
        case incomplete(Range<Int>)
        /// Nothing but blanks, comments and semicolons to the end of the text; `isInComment`: the last comment is open.
        case blank(isInComment: Bool)
    }

    /// The next statement at or after `start`. Empty statements are skipped. Linear in what it passes.
    ///
    /// Semicolons in strings, quoted names, comments and dollar quotes end nothing. Bytes that are no token are passed
    /// over: the parser reports them.
    public static func next(in text: [UInt8], from start: Int = 0) -> Piece {
        var scanner = StatementScanner(text: text, position: max(start, 0))
        var first: Int?
        var last = scanner.position
        while scanner.position < text.count {
            let place = scanner.position
            switch scanner.step() {
            case .blank:
                break
            case .openComment:
                guard let first else { return .blank(isInComment: true) }
                return .incomplete(first..<text.count)
            case .semicolon:
                if let first { return .complete(first..<last, next: scanner.position) }
            case .token:
                if first == nil { first = place }
                last = scanner.position
            }
        }
        guard let first else { return .blank(isInComment: false) }
        return .incomplete(first..<last)
    }
}

/// Steps over a text one blank, comment, string or other byte at a time.
private struct StatementScanner {
    enum Step {
        case blank, openComment, semicolon, token
    }

    let text: [UInt8]
    var position: Int

    mutating func step() -> Step {
        let byte = text[position]
        switch byte {
        case 32, 9...13:
            position += 1
            return .blank
        case UInt8(ascii: ";"):
            position += 1
            return .semicolon
        case UInt8(ascii: "-") where peek(1) == byte:
            while position < text.count, text[position] != 10 { position += 1 }
            return .blank
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
            return skipComment() ? .blank : .openComment
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            skip(to: byte, escapes: false)
        case UInt8(ascii: "$"):
            skipDollar()
        case 0xEF where peek(1) == 0xBB && peek(2) == 0xBF:
            position += 3
            return .blank
        default:
            if Lexer.startsName(byte) {
                skipWord()
            } else {
                position += 1
            }
        }
        return .token
    }

    private mutating func skipWord() {
        let start = position
        while position < text.count, Lexer.continuesName(text[position]) { position += 1 }
        if position == start + 1, text[start] | 32 == UInt8(ascii: "e"), peek(0) == UInt8(ascii: "'") {
            skip(to: UInt8(ascii: "'"), escapes: true)
        }
    }

    private mutating func skip(to quote: UInt8, escapes: Bool) {
        position += 1
        while position < text.count {
            let byte = text[position]
            position += escapes && byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == quote {
                guard peek(0) == quote else { return }
                position += 1
            }
        }
        position = min(position, text.count)
    }

    private mutating func skipDollar() {
        let start = position
        position += 1
        if let byte = peek(0), (48...57).contains(byte) { return }
        while let byte = peek(0), Lexer.continuesName(byte), byte != UInt8(ascii: "$") { position += 1 }
        guard peek(0) == UInt8(ascii: "$") else { return }
        position += 1
        let tag = text[start..<position]
        while position < text.count {
            if text[position] == UInt8(ascii: "$"), position + tag.count <= text.count,
                text[position..<position + tag.count].elementsEqual(tag)
            {
                position += tag.count
                return
            }
            position += 1
        }
    }

    private mutating func skipComment() -> Bool {
        var depth = 0
        while position < text.count {
            if text[position] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                position += 2
            } else if text[position] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
                if depth == 0 { return true }
            } else {
                position += 1
            }
        }
        return false
    }

    private func peek(_ distance: Int) -> UInt8? {
        position + distance < text.count ? text[position + distance] : nil
    }
}
