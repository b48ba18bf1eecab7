import ZLColumnar

/// Turns the text of statements into syntax trees by recursive descent; operators by precedence climbing.
///
/// One parsing function a node, in files by family (`Parser+Query`, `Parser+Operators`, ...). Functions that read tokens
/// are `mutating`; looking ahead never moves `position` except where a function says so. Linear in the text's length.
///
/// No input overflows the stack: nesting in the text is limited to `maximumNesting`, and the height of a tree, which
/// chains like `1 + 1 + 1` add to as well, to `maximumDepth`.
struct Parser {
    /// How deep parentheses, subqueries, calls and prefix operators may nest: at most 2 MB of stack, 6 without optimisation.
    static let maximumNesting = 250
    /// How high a tree may be.
    static let maximumDepth = 1000

    let source: [UInt8]
    let tokens: [Token]
    var position = 0
    /// For a token that is an opening parenthesis, the token that closes it; for others and unclosed ones the last token.
    private let closingTokens: [Int]
    /// The largest number of a `?` or `$n` seen in the statement.
    var parameterCount = 0

    private var nesting = 0
    /// The height of what has been parsed since the innermost `measured` began.
    private var height = 0

    init(_ source: [UInt8]) throws(SyntaxFailure) {
        self.source = source
        tokens = try Lexer.tokens(of: source)
        var closing = [Int](repeating: tokens.count - 1, count: tokens.count)
        var open: [Int] = []
        for (place, token) in tokens.enumerated() {
            if token.kind == .symbol(.leftParenthesis) {
                open.append(place)
            } else if token.kind == .symbol(.rightParenthesis), let partner = open.popLast() {
                closing[partner] = place
            }
        }
        closingTokens = closing
    }

    /// The statements of a script, in order; empty ones are left out.
    ///
    /// - Throws: class syntax, at the offending token, or `not_implemented`; nothing is returned for a text with an error
    ///   anywhere.
    static func parseScript(_ text: String) throws(ZLError) -> [Statement] {
        try parseScript(Array(text.utf8))
    }

    /// The statements of a script that need not be valid UTF-8 (which is an error then).
    static func parseScript(_ bytes: [UInt8]) throws(ZLError) -> [Statement] {
        do throws(SyntaxFailure) {
            var parser = try Parser(bytes)
            return try parser.parseStatements()
        } catch {
            throw error.error
        }
    }

    /// The one expression that a text consists of.
    static func parseExpression(_ text: String) throws(ZLError) -> Expression {
        do throws(SyntaxFailure) {
            var parser = try Parser(Array(text.utf8))
            let expression = try parser.parseExpression()
            if !parser.isAtEnd { throw parser.unexpected("an operator or the end") }
            return expression
        } catch {
            throw error.error
        }
    }

    /// The one query that a text consists of, such as the stored text of a view.
    static func parseQuery(_ text: String) throws(ZLError) -> Query {
        do throws(SyntaxFailure) {
            var parser = try Parser(Array(text.utf8))
            let query = try parser.parseQuery()
            _ = parser.eat(.semicolon)
            if !parser.isAtEnd { throw parser.unexpectedAfterStatement() }
            return query
        } catch {
            throw error.error
        }
    }

    private mutating func parseStatements() throws(SyntaxFailure) -> [Statement] {
        var statements: [Statement] = []
        while true {
            while eat(.semicolon) {}
            if isAtEnd { return statements }
            parameterCount = 0
            statements.append(try parseStatement())
            if !isAtEnd, !at(.semicolon) { throw unexpectedAfterStatement() }
        }
    }
}

// MARK: Tokens

extension Parser {
    var current: Token { tokens[position] }

    var isAtEnd: Bool { current.kind == .end }

    /// The token `distance` ahead; the end token beyond the end.
    func token(_ distance: Int) -> Token { tokens[min(position + distance, tokens.count - 1)] }

    /// Where the current token begins.
    var start: Int { current.range.lowerBound }

    /// Where the last token that was read ends.
    var previousEnd: Int { position > 0 ? tokens[position - 1].range.upperBound : 0 }

    /// From `start` to the end of the last token that was read.
    func range(from start: Int) -> Range<Int> { start..<max(start, previousEnd) }

    func text(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }

    mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
    }

    func at(_ keyword: Keyword) -> Bool { current.kind == .word(keyword) }

    func at(_ symbol: Symbol) -> Bool { current.kind == .symbol(symbol) }

    func at(_ first: Keyword, _ second: Keyword) -> Bool {
        at(first) && token(1).kind == .word(second)
    }

    func at(_ first: Keyword, _ second: Keyword, _ third: Keyword) -> Bool {
        at(first, second) && token(2).kind == .word(third)
    }

    func at(_ keyword: Keyword, _ symbol: Symbol) -> Bool {
        at(keyword) && token(1).kind == .symbol(symbol)
    }

    func atAny(_ keywords: Keyword...) -> Bool {
        guard case .word(let found?) = current.kind else { return false }
        return keywords.contains(found)
    }

    mutating func eat(_ keyword: Keyword) -> Bool {
        guard at(keyword) else { return false }
        advance()
        return true
    }

    mutating func eat(_ symbol: Symbol) -> Bool {
        guard at(symbol) else { return false }
        advance()
        return true
    }

    mutating func eat(_ first: Keyword, _ second: Keyword) -> Bool {
        guard at(first, second) else { return false }
        advance()
        advance()
        return true
    }

    mutating func eat(_ first: Keyword, _ second: Keyword, _ third: Keyword) -> Bool {
        guard at(first, second, third) else { return false }
        advance()
        advance()
        advance()
        return true
    }

    mutating func expect(_ keyword: Keyword) throws(SyntaxFailure) {
        if !eat(keyword) { throw unexpected(keyword.text, wanted: keyword) }
    }

    mutating func expect(_ symbol: Symbol, _ purpose: String = "") throws(SyntaxFailure) {
        if !eat(symbol) { throw unexpected(purpose.isEmpty ? "'\(symbol.rawValue)'" : "'\(symbol.rawValue)' \(purpose)") }
    }

    /// A comma with another element after it. A comma before the end of a list or the next clause is read and is the end.
    mutating func eatComma() -> Bool {
        guard eat(.comma) else { return false }
        switch current.kind {
        case .end, .symbol(.rightParenthesis), .symbol(.rightBracket), .symbol(.rightBrace), .symbol(.semicolon):
            return false
        case .word(.from?), .word(.where?), .word(.group?), .word(.having?), .word(.order?), .word(.limit?), .word(.qualify?),
            .word(.window?), .word(.union?), .word(.except?), .word(.intersect?):
            return false
        default:
            return true
        }
    }
}

// MARK: Queries ahead

extension Parser {
    /// Whether the current token is a parenthesis around a query, rather than around an expression or a join.
    var isAtParenthesisedQuery: Bool { at(.leftParenthesis) && isQuery(at: position) }

    /// Whether the parenthesis at token `open` has a query in it. `((SELECT 1) UNION (SELECT 2))` is one around a query,
    /// `((SELECT 1) + 2)` one around an expression: what follows the inner parenthesis decides.
    func isQuery(at open: Int) -> Bool {
        var inner = open
        while tokens[inner].kind == .symbol(.leftParenthesis) {
            inner += 1
            if inner - open > Parser.maximumNesting { return false }
        }
        guard startsQuery(at: inner) else { return false }
        var level = inner - 1
        while level > open {
            switch tokens[min(closingTokens[level] + 1, tokens.count - 1)].kind {
            case .symbol(.rightParenthesis), .word(.union?), .word(.intersect?), .word(.except?), .word(.order?),
                .word(.limit?), .word(.offset?):
                level -= 1
            default:
                return false
            }
        }
        return true
    }

    private func startsQuery(at place: Int) -> Bool {
        switch tokens[place].kind {
        case .word(.select?), .word(.with?), .word(.from?), .word(.table?), .word(.pivot?), .word(.unpivot?),
            .word(.describe?), .word(.summarize?), .word(.show?):
            return true
        case .word(.values?):
            return tokens[min(place + 1, tokens.count - 1)].kind == .symbol(.leftParenthesis)
        default:
            return false
        }
    }

    /// Whether a query begins at the current token, in parentheses or not.
    var isAtQuery: Bool { isAtParenthesisedQuery || startsQuery(at: position) }
}

// MARK: Limits

extension Parser {
    /// One level deeper in the text; `leave` undoes it.
    mutating func enter() throws(SyntaxFailure) {
        guard nesting < Parser.maximumNesting else {
            throw Lexer.syntaxError(
                "nesting_too_deep", "the statement nests deeper than \(Parser.maximumNesting) levels here", current.range)
        }
        nesting += 1
    }

    mutating func leave() { nesting -= 1 }

    /// Begins a part of the tree whose height counts from 0; hand the answer to `endMeasure`.
    mutating func beginMeasure() -> Int {
        defer { height = 0 }
        return height
    }

    /// Ends the part: its height counts beside that of its older siblings.
    mutating func endMeasure(_ outer: Int) { height = max(outer, height) }

    /// Adds a node on top of what has been parsed since `beginMeasure`.
    mutating func grow() throws(SyntaxFailure) {
        height += 1
        guard height <= Parser.maximumDepth else {
            throw Lexer.syntaxError(
                "expression_too_deep", "the statement is too deep here: more than \(Parser.maximumDepth) operators or calls over each other",
                current.range, hint: "A long chain of one operator can be written as a list, a sum() or several steps.")
        }
    }

    /// An expression that ends with the last token that was read.
    mutating func node(_ kind: ExpressionKind, from start: Int) throws(SyntaxFailure) -> Expression {
        try grow()
        return Expression(kind: kind, range: range(from: start))
    }
}

// MARK: Names

extension Parser {
    /// Whether the current token can name a column or a table without quotes.
    var isAtName: Bool {
        switch current.kind {
        case .quotedName: return true
        case .word(let keyword?): return !keyword.isReserved && !keyword.isJoinWord
        case .word(nil): return true
        default: return false
        }
    }

    /// Whether the current token is any word or quoted name.
    var isAtWord: Bool {
        switch current.kind {
        case .quotedName, .word: return true
        default: return false
        }
    }

    /// A name; `what` tells a message what it names ("a table name").
    mutating func parseName(_ what: String) throws(SyntaxFailure) -> Identifier {
        guard isAtName else { throw unexpected(what) }
        return takeIdentifier()
    }

    /// A name where no keyword can stand: after a dot, after AS.
    mutating func parseLabel(_ what: String) throws(SyntaxFailure) -> Identifier {
        guard isAtWord else { throw unexpected(what) }
        return takeIdentifier()
    }

    /// The current word or quoted name.
    mutating func takeIdentifier() -> Identifier {
        let token = current
        advance()
        if token.kind == .quotedName {
            return Identifier(Lexer.unquoted(source, token.range), isQuoted: true, range: token.range)
        }
        return Identifier(text(token.range), range: token.range)
    }

    /// `name`, `schema.name`, `database.schema.name`
    mutating func parseObjectName(_ what: String) throws(SyntaxFailure) -> ObjectName {
        var parts = [try parseName(what)]
        while parts.count < 3, eat(.dot) { parts.append(try parseLabel(what)) }
        let first = parts[0].range.lowerBound
        return ObjectName(parts: parts, range: range(from: first))
    }

    /// `(a, b, c)`
    mutating func parseNameList(_ what: String) throws(SyntaxFailure) -> [Identifier] {
        try expect(.leftParenthesis, "before \(what)s")
        var names: [Identifier] = []
        repeat { names.append(try parseName(what)) } while eatComma()
        try expect(.rightParenthesis, "after \(what)s")
        return names
    }

    /// A string literal of any form.
    mutating func parseString(_ what: String) throws(SyntaxFailure) -> String {
        guard case .string(let form) = current.kind, form != .blob else { throw unexpected(what) }
        let range = current.range
        advance()
        return try stringValue(range, form)
    }

    func stringValue(_ range: Range<Int>, _ form: StringForm) throws(SyntaxFailure) -> String {
        switch form {
        case .plain, .blob: return Lexer.unquoted(source, range)
        case .escaped: return try Lexer.unescaped(source, range)
        case .dollar: return Lexer.dollarQuoted(source, range)
        }
    }

    /// A whole number without a sign that fits into 64 bits.
    mutating func parseCount(_ what: String) throws(SyntaxFailure) -> Int {
        guard case .number(let form) = current.kind else { throw unexpected(what) }
        let range = current.range
        guard case .integer(let digits) = try Lexer.number(source, range, form) else { throw unexpected(what) }
        guard let value = Int(digits) else {
            throw Lexer.syntaxError("malformed_number", "the number '\(digits)' is too large for \(what)", range)
        }
        advance()
        return value
    }

    /// A whole number with or without a sign.
    mutating func parseSignedCount(_ what: String) throws(SyntaxFailure) -> Int {
        let isNegative = eat(.minus)
        if !isNegative { _ = eat(.plus) }
        let value = try parseCount(what)
        return isNegative ? -value : value
    }
}
