/// How tightly operators bind, as in PostgreSQL's and DuckDB's grammars, loosest first.
enum Precedence: Int, Comparable {
    case lambda, or, and, not, test, comparison, membership, other, bitwise, additive, multiplicative, power, timeZone, collate, sign

    static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }

    /// What the right operand of a left-associative operator must bind with at least.
    var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .sign }
}

/// Operators, by precedence climbing: chains of one level are loops, so only real nesting takes stack.
extension Parser {
    mutating func parseExpression() throws(SyntaxFailure) -> Expression {
        try enter()
        let expression = try parseOperators(.lambda)
        leave()
        return expression
    }

    /// An expression of operators that bind at least as tightly as `minimum`.
    mutating func parseOperators(_ minimum: Precedence) throws(SyntaxFailure) -> Expression {
        let outer = beginMeasure()
        let start = self.start
        var left = try parsePrefix()
        var isComparison = false
        while let (precedence, isNegated) = infixAhead(), precedence >= minimum {
            if precedence == .comparison, isComparison {
                throw Lexer.syntaxError(
                    "chained_comparison", "comparisons cannot be chained", current.range,
                    hint: "Write a < b AND b < c.")
            }
            isComparison = precedence == .comparison
            if isNegated { advance() }
            left = try parseInfix(left, start, precedence, isNegated)
        }
        endMeasure(outer)
        return left
    }

    /// The precedence of the operator at the current token, nil if there is none; `isNegated`: NOT stands before it.
    private func infixAhead() -> (Precedence, isNegated: Bool)? {
        switch current.kind {
        case .word(.not?):
            guard case .word(let following?) = token(1).kind else { return nil }
            switch following {
            case .between, .in, .like, .ilike, .glob, .similar: return (.membership, true)
            case .null: return (.test, true)
            default: return nil
            }
        case .word(let keyword?):
            guard let precedence = Parser.precedence(keyword) else { return nil }
            if keyword == .at, token(1).kind != .word(.time) { return nil }
            return (precedence, false)
        case .symbol(let symbol):
            guard let precedence = Parser.precedence(symbol) else { return nil }
            return (precedence, false)
        default:
            return nil
        }
    }

    private static func precedence(_ keyword: Keyword) -> Precedence? {
        switch keyword {
        case .or: .or
        case .and: .and
        case .is, .isnull, .notnull: .test
        case .between, .in, .like, .ilike, .glob, .similar: .membership
        case .at: .timeZone
        case .collate: .collate
        default: nil
        }
    }

    private static func precedence(_ symbol: Symbol) -> Precedence? {
        switch symbol {
        case .equal, .doubleEqual, .notEqual, .notEqualAngle, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
        case .tilde, .notTilde, .tildeStar, .notTildeStar, .doubleTilde, .notDoubleTilde, .doubleTildeStar, .notDoubleTildeStar,
            .tripleTilde:
            .membership
        case .concatenate, .arrow, .doubleArrow, .doubleAmpersand, .contains, .containedIn, .startsWith, .exclamation: .other
        case .ampersand, .pipe, .shiftLeft, .shiftRight: .bitwise
        case .plus, .minus: .additive
        case .star, .slash, .doubleSlash, .percentSign: .multiplicative
        case .caret, .doubleStar: .power
        default: nil
        }
    }

    private mutating func parseInfix(
        _ left: Expression, _ start: Int, _ precedence: Precedence, _ isNegated: Bool
    ) throws(SyntaxFailure) -> Expression {
        switch precedence {
        case .or: try parseChain(left, start, .or)
        case .and: try parseChain(left, start, .and)
        case .test: try parseTest(left, start)
        case .comparison: try parseComparison(left, start)
        case .membership: try parseMembership(left, start, isNegated)
        case .timeZone: try parseAtTimeZone(left, start)
        case .collate: try parseCollate(left, start)
        default: try parseBinary(left, start, precedence)
        }
    }

    /// `a AND b AND c`, one node however long.
    private mutating func parseChain(
        _ left: Expression, _ start: Int, _ keyword: Keyword
    ) throws(SyntaxFailure) -> Expression {
        let precedence: Precedence = keyword == .and ? .and : .or
        var operands = [left]
        while eat(keyword) { operands.append(try parseOperators(precedence.tighter)) }
        return try node(keyword == .and ? .and(operands) : .or(operands), from: start)
    }

    /// `IS [NOT] NULL`, `ISNULL`, `NOT NULL` with its NOT read already, `IS [NOT] DISTINCT FROM b`, ...
    private mutating func parseTest(_ left: Expression, _ start: Int) throws(SyntaxFailure) -> Expression {
        if eat(.isnull) { return try node(.test(.null, left, isNegated: false), from: start) }
        if eat(.notnull) || eat(.null) { return try node(.test(.null, left, isNegated: true), from: start) }
        try expect(.is)
        let isNegated = eat(.not)
        if eat(.distinct) {
            try expect(.from)
            let right = try parseOperators(.comparison)
            return try node(.distinctFrom(left, right, isNegated: isNegated), from: start)
        }
        let test: TruthTest
        switch current.kind {
        case .word(.null?): test = .null
        case .word(.true?): test = .isTrue
        case .word(.false?): test = .isFalse
        case .word(.unknown?): test = .unknown
        default: throw unexpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after IS")
        }
        advance()
        return try node(.test(test, left, isNegated: isNegated), from: start)
    }

    /// `a < b`, `a < ANY (SELECT ...)`
    private mutating func parseComparison(_ left: Expression, _ start: Int) throws(SyntaxFailure) -> Expression {
        let comparison: ComparisonOperator
        switch current.kind {
        case .symbol(.equal), .symbol(.doubleEqual): comparison = .equal
        case .symbol(.notEqual), .symbol(.notEqualAngle): comparison = .notEqual
        case .symbol(.less): comparison = .less
        case .symbol(.lessOrEqual): comparison = .lessOrEqual
        case .symbol(.greater): comparison = .greater
        case .symbol(.greaterOrEqual): comparison = .greaterOrEqual
        default: throw unexpected("a comparison")
        }
        advance()
        if atAny(.any, .some, .all), token(1).kind == .symbol(.leftParenthesis) {
            return try parseQuantified(comparison, left, start)
        }
        let right = try parseOperators(.membership)
        return try node(.comparison(comparison, left, right), from: start)
    }

    private mutating func parseQuantified(
        _ comparison: ComparisonOperator, _ left: Expression, _ start: Int
    ) throws(SyntaxFailure) -> Expression {
        let quantifier: Quantifier = at(.all) ? .all : .any
        advance()
        if isAtParenthesisedQuery {
            let query = try parseParenthesisedQuery()
            return try node(.quantified(comparison, left, quantifier, query), from: start)
        }
        try expect(.leftParenthesis)
        let list = try parseExpression()
        try expect(.rightParenthesis)
        return try node(.quantifiedExpression(comparison, left, quantifier, list), from: start)
    }

    /// BETWEEN, IN, LIKE and its kin
    private mutating func parseMembership(
        _ left: Expression, _ start: Int, _ isNegated: Bool
    ) throws(SyntaxFailure) -> Expression {
        if eat(.between) {
            _ = eat(.asymmetric)
            if at(.symmetric) { throw .notYet("BETWEEN SYMMETRIC", range: current.range) }
            let low = try parseOperators(.other)
            try expect(.and)
            let high = try parseOperators(.other)
            return try node(.between(left, low: low, high: high, isNegated: isNegated), from: start)
        }
        if eat(.in) { return try parseIn(left, start, isNegated) }
        if case .symbol(let symbol) = current.kind { return try parsePatternOperator(symbol, left, start) }
        let kind: PatternKind
        switch current.kind {
        case .word(.like?): kind = .like
        case .word(.ilike?): kind = .ilike
        case .word(.glob?): kind = .glob
        case .word(.similar?): kind = .similar
        default: throw unexpected("BETWEEN, IN, LIKE, ILIKE, GLOB or SIMILAR TO")
        }
        advance()
        if kind == .similar { try expect(.to) }
        let pattern = try parseOperators(.other)
        let escape = eat(.escape) ? try parseOperators(.other) : nil
        return try node(.match(kind, left, pattern: pattern, escape: escape, isNegated: isNegated), from: start)
    }

    /// `a ~~ pattern`, `a !~ pattern`
    private mutating func parsePatternOperator(
        _ symbol: Symbol, _ left: Expression, _ start: Int
    ) throws(SyntaxFailure) -> Expression {
        guard let (kind, isNegated) = Parser.patternOperators[symbol] else {
            throw .notYet("the operator \(symbol.rawValue)", range: current.range)
        }
        advance()
        let pattern = try parseOperators(.other)
        return try node(.match(kind, left, pattern: pattern, escape: nil, isNegated: isNegated), from: start)
    }

    private mutating func parseIn(_ left: Expression, _ start: Int, _ isNegated: Bool) throws(SyntaxFailure) -> Expression {
        guard at(.leftParenthesis) else {
            let list = try parseOperators(.other)
            return try node(.inExpression(left, list, isNegated: isNegated), from: start)
        }
        if isAtParenthesisedQuery {
            let query = try parseParenthesisedQuery()
            return try node(.inQuery(left, query, isNegated: isNegated), from: start)
        }
        advance()
        let values = try parseExpressionList(until: .rightParenthesis)
        return try node(.inList(left, values, isNegated: isNegated), from: start)
    }

    private mutating func parseAtTimeZone(_ left: Expression, _ start: Int) throws(SyntaxFailure) -> Expression {
        let place = current.range
        try expect(.at)
        try expect(.time)
        try expect(.zone)
        let zone = try parseOperators(.collate)
        return try call("timezone", [zone, left], named: place, from: start)
    }

    private mutating func parseCollate(_ left: Expression, _ start: Int) throws(SyntaxFailure) -> Expression {
        try expect(.collate)
        let name = try parseObjectName("a collation name")
        return try node(.collate(left, name), from: start)
    }

    private mutating func parseBinary(
        _ left: Expression, _ start: Int, _ precedence: Precedence
    ) throws(SyntaxFailure) -> Expression {
        guard case .symbol(let symbol) = current.kind else { throw unexpected("an operator") }
        if symbol == .concatenate { return try parseConcatenation(left, start) }
        advance()
        switch symbol {
        case .exclamation:
            return try node(.unary(.factorial, left), from: start)
        case .arrow:
            if let parameters = lambdaParameters(left), !isAtPathLiteral {
                try enter()
                let body = try parseOperators(.lambda)
                leave()
                return try node(.lambda(parameters, body), from: start)
            }
        default:
            break
        }
        guard let operation = Parser.binaryOperators[symbol] else { throw unexpected("an operator") }
        let right = try parseOperators(precedence.tighter)
        return try node(.binary(operation, left, right), from: start)
    }

    /// `a || b || c`, one node however long.
    private mutating func parseConcatenation(_ left: Expression, _ start: Int) throws(SyntaxFailure) -> Expression {
        var operands = [left]
        while eat(.concatenate) { operands.append(try parseOperators(.bitwise)) }
        return try node(.concatenate(operands), from: start)
    }

    /// After `->`: a JSON path or index follows rather than a lambda's body.
    private var isAtPathLiteral: Bool {
        switch current.kind {
        case .string, .number, .parameter: true
        default: false
        }
    }

    /// `x` or `(x, y)` on the left of `->`.
    private func lambdaParameters(_ left: Expression) -> [Identifier]? {
        switch left.kind {
        case .column(let parts): return parts.count == 1 ? parts : nil
        case .row(let elements):
            var names: [Identifier] = []
            for element in elements {
                guard case .column(let parts) = element.kind, parts.count == 1 else { return nil }
                names += parts
            }
            return names
        default: return nil
        }
    }

    private static let patternOperators: [Symbol: (PatternKind, Bool)] = [
        .tilde: (.regularExpression, false), .notTilde: (.regularExpression, true), .doubleTilde: (.like, false),
        .notDoubleTilde: (.like, true), .doubleTildeStar: (.ilike, false), .notDoubleTildeStar: (.ilike, true),
        .tripleTilde: (.glob, false),
    ]

    private static let binaryOperators: [Symbol: BinaryOperator] = [
        .plus: .add, .minus: .subtract, .star: .multiply, .slash: .divide, .doubleSlash: .integerDivide, .percentSign: .remainder,
        .caret: .power, .doubleStar: .power, .ampersand: .bitwiseAnd, .pipe: .bitwiseOr, .shiftLeft: .shiftLeft,
        .shiftRight: .shiftRight, .arrow: .extract, .doubleArrow: .extractText, .startsWith: .startsWith,
        .doubleAmpersand: .overlaps, .contains: .contains, .containedIn: .containedIn,
    ]

    /// `NOT a`, `-a`, `+a`, `~a`, `@a`, or an operand with what hangs on it.
    private mutating func parsePrefix() throws(SyntaxFailure) -> Expression {
        let start = self.start
        let operation: UnaryOperator
        let operand: Precedence
        switch current.kind {
        case .word(.not?): (operation, operand) = (.not, .test)
        case .symbol(.minus): (operation, operand) = (.minus, .sign)
        case .symbol(.plus): (operation, operand) = (.plus, .sign)
        case .symbol(.tilde): (operation, operand) = (.bitwiseNot, .additive)
        case .symbol(.atSign): (operation, operand) = (.absolute, .additive)
        default: return try parsePostfix()
        }
        advance()
        try enter()
        let value = try parseOperators(operand)
        leave()
        return try node(.unary(operation, value), from: start)
    }

    /// An operand followed by `::type`, `[index]`, `.field`, `.method()`.
    private mutating func parsePostfix() throws(SyntaxFailure) -> Expression {
        let start = self.start
        var value = try parsePrimary()
        while case .symbol(let symbol) = current.kind {
            switch symbol {
            case .doubleColon:
                advance()
                let type = try parseType()
                value = try node(.cast(value, type, isTry: false), from: start)
            case .leftBracket: value = try parseSubscript(value, start)
            case .dot: value = try parseField(value, start)
            default: return value
            }
        }
        return value
    }

    private mutating func parseSubscript(_ value: Expression, _ start: Int) throws(SyntaxFailure) -> Expression {
        try expect(.leftBracket)
        let isBoundAbsent = at(.colon)
        let lower = isBoundAbsent ? nil : try parseExpression()
        guard eat(.colon) else {
            try expect(.rightBracket, "after the index")
            guard let lower else { throw unexpected("an index") }
            return try node(.element(value, index: lower), from: start)
        }
        var upper: Expression?
        if at(.minus), token(1).kind == .symbol(.colon) {
            advance()
        } else if !at(.rightBracket), !at(.colon) {
            upper = try parseExpression()
        }
        let step = eat(.colon) ? try parseExpression() : nil
        try expect(.rightBracket, "after the slice")
        return try node(.slice(value, lower: lower, upper: upper, step: step), from: start)
    }

    private mutating func parseField(_ value: Expression, _ start: Int) throws(SyntaxFailure) -> Expression {
        try expect(.dot)
        let name = try parseLabel("a field name")
        guard at(.leftParenthesis) else { return try node(.field(value, name), from: start) }
        var function = try parseCallArguments(ObjectName(parts: [name], range: name.range))
        function.arguments.insert(Argument(name: nil, value: value), at: 0)
        try parseCallSuffixes(&function)
        return try node(.call(function), from: start)
    }
}
