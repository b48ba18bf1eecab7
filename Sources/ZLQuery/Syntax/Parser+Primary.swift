/// Operands: literals, columns, calls, parentheses, and the forms that begin with a word of their own.
extension Parser {
    mutating func parsePrimary() throws(SyntaxFailure) -> Expression {
        switch current.kind {
        case .word(let keyword?): try parseWordPrimary(keyword)
        case .word(nil), .quotedName: try parseNamePrimary()
        case .string(let form): try parseStringLiteral(form)
        case .number(let form): try parseNumberLiteral(form)
        case .parameter: try parseParameter()
        case .symbol(.leftParenthesis): try parseParenthesised()
        case .symbol(.leftBracket): try parseListLiteral(from: start)
        case .symbol(.leftBrace): try parseStructLiteral()
        case .symbol(.star): try parseStarPrimary()
        default: throw unexpected("an expression")
        }
    }

    /// Operands that begin with a keyword, or names that happen to be one.
    private mutating func parseWordPrimary(_ keyword: Keyword) throws(SyntaxFailure) -> Expression {
        let isCall = token(1).kind == .symbol(.leftParenthesis)
        switch keyword {
        case .null: return try parseConstant(.null)
        case .true: return try parseConstant(.boolean(true))
        case .false: return try parseConstant(.boolean(false))
        case .case: return try parseCase()
        case .cast: return try parseCast(isTry: false)
        case .lambda: return try parseLambda()
        case .array: return try parseArray()
        case .default:
            let start = self.start
            advance()
            return try node(.defaultValue, from: start)
        case .interval: return try parseInterval()
        case .try_cast where isCall: return try parseCast(isTry: true)
        case .exists where isCall: return try parseExists()
        case .row where isCall: return try parseRow()
        case .columns where isCall: return try parseColumns(unpacked: false, from: start)
        case .extract where isCall: return try parseExtract()
        case .substring where isCall: return try parseSubstring()
        case .position where isCall: return try parsePosition()
        case .trim where isCall: return try parseTrim()
        case .overlay where isCall: return try parseOverlay()
        case .map where token(1).kind == .symbol(.leftBrace): return try parseMap()
        case .timestamp where isAtZonedTypeName, .time where isAtZonedTypeName: return try parseTypedLiteral()
        default: break
        }
        if keyword.isReserved || (keyword.isJoinWord && !isCall) { throw unexpected("an expression") }
        return try parseNamePrimary()
    }

    private mutating func parseConstant(_ literal: Literal) throws(SyntaxFailure) -> Expression {
        let start = self.start
        advance()
        return try node(.literal(literal), from: start)
    }

    private mutating func parseStringLiteral(_ form: StringForm) throws(SyntaxFailure) -> Expression {
        let place = current.range
        advance()
        if form == .blob {
            return try node(.literal(.blob(try Lexer.blob(source, place))), from: place.lowerBound)
        }
        return try node(.literal(.string(try stringValue(place, form))), from: place.lowerBound)
    }

    private mutating func parseNumberLiteral(_ form: NumberForm) throws(SyntaxFailure) -> Expression {
        let place = current.range
        advance()
        return try node(.literal(try Lexer.number(source, place, form)), from: place.lowerBound)
    }

    /// `?`, `?1`, `$1`, `$name`
    private mutating func parseParameter() throws(SyntaxFailure) -> Expression {
        let place = current.range
        let name = text(place.lowerBound + 1..<place.upperBound)
        advance()
        let parameter: Parameter
        if name.isEmpty {
            parameterCount += 1
            parameter = .next(parameterCount)
        } else if let number = Int(name), (1...65_535).contains(number) {
            parameterCount = max(parameterCount, number)
            parameter = .position(number)
        } else if let first = name.utf8.first, (48...57).contains(first) {
            throw Lexer.syntaxError("malformed_parameter", "parameters are numbered from 1 to 65535", place)
        } else {
            parameter = .name(name)
        }
        return try node(.parameter(parameter), from: place.lowerBound)
    }

    /// `a`, `t.a`, `t.*`, `f(x)`, `schema.f(x)`, `DATE '2024-01-31'`
    private mutating func parseNamePrimary() throws(SyntaxFailure) -> Expression {
        let start = self.start
        if case .string = token(1).kind { return try parseTypedLiteral() }
        if let sized = try parseSizedTypedLiteral() { return sized }
        let isQuoted = current.kind == .quotedName
        var parts = [takeIdentifier()]
        while at(.dot) {
            if token(1).kind == .symbol(.star) {
                advance()
                return try parseStar(qualifier: parts, from: start)
            }
            // why: `(a).b(c)` and `f(x).b` are fields and methods, `a.b(c)` a function of a schema or a method.
            guard parts.count < 4 else { break }
            advance()
            parts.append(try parseLabel("a column name"))
        }
        if at(.leftParenthesis) {
            let name = ObjectName(parts: parts, range: range(from: start))
            return try parseCall(name, from: start)
        }
        if parts.count == 1, !isQuoted, Parser.bareFunctions.contains(parts[0].text.lowercasedASCII) {
            let name = ObjectName(parts: parts, range: parts[0].range)
            return try node(.call(FunctionCall(name: name)), from: start)
        }
        return try node(.column(parts), from: start)
    }

    /// Functions that are called without parentheses.
    static let bareFunctions: Set<String> = [
        "current_date", "current_time", "current_timestamp", "current_user", "current_schema", "current_catalog",
        "current_role", "session_user", "localtime", "localtimestamp",
    ]

    private var isAtZonedTypeName: Bool {
        token(1).kind == .word(.with) || token(1).kind == .word(.without)
    }

    /// `DATE '2024-01-31'`, `TIMESTAMP WITH TIME ZONE '...'`
    private mutating func parseTypedLiteral() throws(SyntaxFailure) -> Expression {
        let start = self.start
        let type = try parseType()
        let text = try parseString("the literal's text")
        return try typedLiteral(type, text, from: start)
    }

    private mutating func typedLiteral(_ type: TypeName, _ text: String, from start: Int) throws(SyntaxFailure) -> Expression {
        if case .named(let name, let parameters) = type.kind, parameters.isEmpty {
            return try node(.literal(.typed(name, text)), from: start)
        }
        let literal = try node(.literal(.string(text)), from: previousEnd - 1)
        return try node(.cast(literal, type, isTry: false), from: start)
    }

    /// `DECIMAL(10, 2) '1.50'`; nil, and nothing read, if something else stands here.
    private mutating func parseSizedTypedLiteral() throws(SyntaxFailure) -> Expression? {
        guard token(1).kind == .symbol(.leftParenthesis), case .number(.integer) = token(2).kind else { return nil }
        var closing = 3
        if token(3).kind == .symbol(.comma), case .number(.integer) = token(4).kind { closing = 5 }
        guard token(closing).kind == .symbol(.rightParenthesis), case .string = token(closing + 1).kind else { return nil }
        return try parseTypedLiteral()
    }

    /// `*` as an operand: `count(*)`, `SELECT * EXCLUDE (a)`, `*COLUMNS(...)`
    private mutating func parseStarPrimary() throws(SyntaxFailure) -> Expression {
        let start = self.start
        if token(1).kind == .word(.columns), token(2).kind == .symbol(.leftParenthesis) {
            advance()
            return try parseColumns(unpacked: true, from: start)
        }
        return try parseStar(qualifier: [], from: start)
    }

    /// `COLUMNS(...)`
    private mutating func parseColumns(unpacked: Bool, from start: Int) throws(SyntaxFailure) -> Expression {
        try expect(.columns)
        try expect(.leftParenthesis)
        let selection = try parseExpression()
        try expect(.rightParenthesis, "after the columns")
        return try node(.columns(selection, unpacked: unpacked), from: start)
    }

    // MARK: Parentheses and brackets

    /// `(a)`, `(a, b)`, `(SELECT ...)`
    private mutating func parseParenthesised() throws(SyntaxFailure) -> Expression {
        let start = self.start
        if isAtParenthesisedQuery {
            let query = try parseParenthesisedQuery()
            return try node(.subquery(query), from: start)
        }
        try expect(.leftParenthesis)
        if at(.rightParenthesis) { throw unexpected("an expression or a query") }
        var first = try parseExpression()
        if eat(.rightParenthesis) {
            first.range = range(from: start)
            return first
        }
        guard at(.comma) else { throw unexpected("',', ')' or an operator") }
        var elements = [first]
        while eatComma() { elements.append(try parseExpression()) }
        try expect(.rightParenthesis, "after the values")
        return try node(.row(elements), from: start)
    }

    private mutating func parseRow() throws(SyntaxFailure) -> Expression {
        let start = self.start
        try expect(.row)
        try expect(.leftParenthesis)
        let elements = try parseExpressionList(until: .rightParenthesis)
        return try node(.row(elements), from: start)
    }

    /// `[a, b]`, `[a FOR x IN list IF condition]`, from after an optional ARRAY.
    private mutating func parseListLiteral(from start: Int) throws(SyntaxFailure) -> Expression {
        try expect(.leftBracket)
        if eat(.rightBracket) { return try node(.list([]), from: start) }
        let first = try parseExpression()
        if eat(.for) { return try parseComprehension(first, start) }
        var elements = [first]
        while eatComma() { elements.append(try parseExpression()) }
        try expect(.rightBracket, "after the list's elements")
        return try node(.list(elements), from: start)
    }

    private mutating func parseComprehension(_ result: Expression, _ start: Int) throws(SyntaxFailure) -> Expression {
        let variable = try parseName("a variable name")
        try expect(.in)
        let source = try parseExpression()
        let condition = eat(.if) ? try parseExpression() : nil
        try expect(.rightBracket, "after the list comprehension")
        return try node(.comprehension(result, variable: variable, source: source, condition: condition), from: start)
    }

    /// `ARRAY[1, 2]`, `ARRAY(SELECT ...)`
    private mutating func parseArray() throws(SyntaxFailure) -> Expression {
        let start = self.start
        try expect(.array)
        if at(.leftBracket) { return try parseListLiteral(from: start) }
        guard isAtParenthesisedQuery else { throw unexpected("'[' or a query in parentheses after ARRAY") }
        let query = try parseParenthesisedQuery()
        return try node(.arrayQuery(query), from: start)
    }

    /// `{'a': 1, b: 2}`
    private mutating func parseStructLiteral() throws(SyntaxFailure) -> Expression {
        let start = self.start
        try expect(.leftBrace)
        var entries: [StructEntry] = []
        while !at(.rightBrace) {
            entries.append(try parseStructEntry())
            if !eatComma() { break }
        }
        try expect(.rightBrace, "after the struct's fields")
        return try node(.structure(entries), from: start)
    }

    private mutating func parseStructEntry() throws(SyntaxFailure) -> StructEntry {
        let name: Identifier
        if case .string = current.kind {
            let place = current.range
            name = Identifier(try parseString("a field name"), isQuoted: true, range: place)
        } else {
            name = try parseLabel("a field name")
        }
        try expect(.colon, "after the field's name")
        return StructEntry(name: name, value: try parseExpression())
    }

    /// `MAP {k: v}`
    private mutating func parseMap() throws(SyntaxFailure) -> Expression {
        let start = self.start
        try expect(.map)
        try expect(.leftBrace)
        var keys: [Expression] = []
        var values: [Expression] = []
        while !at(.rightBrace) {
            keys.append(try parseExpression())
            try expect(.colon, "after the key")
            values.append(try parseExpression())
            if !eatComma() { break }
        }
        try expect(.rightBrace, "after the map's entries")
        return try node(.map(keys: keys, values: values), from: start)
    }

    /// Expressions up to and with the closing symbol; may be none.
    mutating func parseExpressionList(until closing: Symbol) throws(SyntaxFailure) -> [Expression] {
        var elements: [Expression] = []
        while !at(closing) {
            elements.append(try parseExpression())
            if !eatComma() { break }
        }
        try expect(closing, "or ','")
        return elements
    }

    // MARK: Forms with words of their own

    /// `CASE [a] WHEN b THEN c ... [ELSE d] END`
    private mutating func parseCase() throws(SyntaxFailure) -> Expression {
        let start = self.start
        try expect(.case)
        let operand = at(.when) ? nil : try parseExpression()
        var branches: [ConditionalBranch] = []
        repeat {
            try expect(.when)
            let condition = try parseExpression()
            try expect(.then)
            branches.append(ConditionalBranch(condition: condition, result: try parseExpression()))
        } while at(.when)
        let otherwise = eat(.else) ? try parseExpression() : nil
        try expect(.end)
        return try node(
            .conditional(Conditional(operand: operand, branches: branches, otherwise: otherwise)), from: start)
    }

    /// `CAST(a AS T)`, `TRY_CAST(a AS T)`
    private mutating func parseCast(isTry: Bool) throws(SyntaxFailure) -> Expression {
        let start = self.start
        advance()
        try expect(.leftParenthesis)
        let value = try parseExpression()
        try expect(.as)
        let type = try parseType()
        try expect(.rightParenthesis, "after the type")
        return try node(.cast(value, type, isTry: isTry), from: start)
    }

    private mutating func parseExists() throws(SyntaxFailure) -> Expression {
        let start = self.start
        try expect(.exists)
        guard isAtParenthesisedQuery else {
            advance()
            throw unexpected("a query after EXISTS (")
        }
        let query = try parseParenthesisedQuery()
        return try node(.exists(query), from: start)
    }

    /// `LAMBDA x, y: x + y`
    private mutating func parseLambda() throws(SyntaxFailure) -> Expression {
        let start = self.start
        try expect(.lambda)
        let isParenthesised = eat(.leftParenthesis)
        var parameters: [Identifier] = []
        repeat { parameters.append(try parseName("a parameter name")) } while eat(.comma)
        if isParenthesised { try expect(.rightParenthesis) }
        try expect(.colon, "after the lambda's parameters")
        let body = try parseExpression()
        return try node(.lambda(parameters, body), from: start)
    }

    /// `INTERVAL '3 days'`, `INTERVAL '3' DAY`, `INTERVAL 3 DAY`, `INTERVAL (n + 1) DAY`
    private mutating func parseInterval() throws(SyntaxFailure) -> Expression {
        let start = self.start
        let word = current
        advance()
        switch current.kind {
        case .string:
            let text = try parseString("the interval's text")
            return try node(.literal(.interval(text, try parseIntervalUnit())), from: start)
        case .number:
            let place = current.range
            advance()
            guard let unit = try parseIntervalUnit() else { throw unexpected("a unit such as DAY") }
            let digits = text(place).filter { $0 != "_" }
            return try node(.literal(.interval(digits, unit)), from: start)
        case .symbol(.leftParenthesis):
            advance()
            let amount = try parseExpression()
            try expect(.rightParenthesis)
            guard let unit = try parseIntervalUnit() else { throw unexpected("a unit such as DAY") }
            return try node(.interval(amount, unit), from: start)
        case .parameter:
            let amount = try parseParameter()
            guard let unit = try parseIntervalUnit() else { throw unexpected("a unit such as DAY") }
            return try node(.interval(amount, unit), from: start)
        default:
            // why: a column may be called interval.
            return try node(.column([Identifier(text(word.range), range: word.range)]), from: start)
        }
    }

    /// A unit, singular or plural; nil, and nothing read, if none stands here.
    mutating func parseIntervalUnit() throws(SyntaxFailure) -> IntervalUnit? {
        guard case .word = current.kind, let unit = IntervalUnit(word: text(current.range)) else { return nil }
        advance()
        if at(.to), case .word = token(1).kind, IntervalUnit(word: text(token(1).range)) != nil {
            throw .notYet("an interval with two units", range: range(from: tokens[position - 1].range.lowerBound))
        }
        return unit
    }
}

extension IntervalUnit {
    /// The unit that a word names, in any case, singular or plural.
    init?(word: String) {
        let lower = word.lowercasedASCII
        switch lower {
        case "centuries": self = .century
        case "millennia", "millenniums": self = .millennium
        default:
            guard let unit = IntervalUnit(rawValue: lower.hasSuffix("s") ? String(lower.dropLast()) : lower) else {
                return nil
            }
            self = unit
        }
    }
}
