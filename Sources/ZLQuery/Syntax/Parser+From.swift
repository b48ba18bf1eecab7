/// What stands in FROM: tables, files, functions, subqueries and joins.
extension Parser {
    /// Comma-separated table references.
    mutating func parseFromList() throws(SyntaxFailure) -> [TableReference] {
        var references: [TableReference] = []
        repeat { references.append(try parseTableReference()) } while eatComma()
        return references
    }

    /// A table with the joins that follow it, left to right.
    mutating func parseTableReference() throws(SyntaxFailure) -> TableReference {
        try enter()
        let outer = beginMeasure()
        let start = self.start
        var left = try parseTablePrimary()
        while let head = try parseJoinHead() {
            let right = try parseTablePrimary()
            var join = Join(kind: head.kind, left: left, right: right, condition: .none, range: range(from: head.start))
            try parseJoinCondition(&join, isNatural: head.isNatural)
            join.range = range(from: head.start)
            try grow()
            left = TableReference(kind: .join(join), range: range(from: start))
        }
        endMeasure(outer)
        leave()
        return left
    }

    /// The words up to and with JOIN; nil, and nothing read, if no join follows.
    private mutating func parseJoinHead() throws(SyntaxFailure) -> (kind: JoinKind, isNatural: Bool, start: Int)? {
        let start = self.start
        switch current.kind {
        case .word(.join?), .word(.inner?), .word(.left?), .word(.right?), .word(.full?), .word(.cross?), .word(.semi?),
            .word(.anti?), .word(.asof?), .word(.natural?), .word(.positional?):
            break
        default: return nil
        }
        let isNatural = eat(.natural)
        let isAsof = eat(.asof)
        var kind = JoinKind.inner
        if eat(.cross) {
            kind = .cross
        } else if eat(.positional) {
            kind = .positional
        } else if eat(.left) {
            kind = .left
        } else if eat(.right) {
            kind = .right
        } else if eat(.full) {
            kind = .full
        } else {
            _ = eat(.inner)
        }
        if [.left, .right, .full].contains(kind) { _ = eat(.outer) }
        if kind == .inner || kind == .left, at(.semi) || at(.anti) {
            kind = at(.semi) ? .semi : .anti
            advance()
        }
        try expect(.join)
        if isAsof { kind = try asofKind(kind, start) }
        if isNatural, kind == .cross || kind == .positional || isAsof {
            throw Lexer.syntaxError("invalid_join", "a \(kind.rawValue) join cannot be NATURAL", range(from: start))
        }
        return (kind, isNatural, start)
    }

    private func asofKind(_ kind: JoinKind, _ start: Int) throws(SyntaxFailure) -> JoinKind {
        switch kind {
        case .inner: return .asof
        case .left: return .asofLeft
        case .right: return .asofRight
        case .full: return .asofFull
        default:
            throw Lexer.syntaxError("invalid_join", "a \(kind.rawValue) join cannot be ASOF", range(from: start))
        }
    }

    /// `ON a = b`, `USING (a)`, and for ASOF `[TOLERANCE interval] [DIRECTION backward]`
    private mutating func parseJoinCondition(_ join: inout Join, isNatural: Bool) throws(SyntaxFailure) {
        if isNatural {
            join.condition = .natural
            return
        }
        if join.kind == .cross || join.kind == .positional {
            if at(.on) || at(.using) {
                throw Lexer.syntaxError(
                    "invalid_join", "a \(join.kind.rawValue) JOIN takes no condition", current.range,
                    hint: join.kind == .cross ? "Write JOIN instead of CROSS JOIN." : nil)
            }
            return
        }
        if eat(.on) {
            join.condition = .on(try parseExpression())
        } else if at(.using), token(1).kind == .symbol(.leftParenthesis) {
            advance()
            join.condition = .using(try parseNameList("column name"))
        } else {
            throw unexpected("ON or USING after the joined table")
        }
        guard [.asof, .asofLeft, .asofRight, .asofFull].contains(join.kind) else { return }
        while true {
            if at(.tolerance), join.tolerance == nil {
                advance()
                join.tolerance = try parseOperators(.other)
            } else if at(.direction), join.direction == nil {
                advance()
                join.direction = try parseDirection()
            } else {
                return
            }
        }
    }

    private mutating func parseDirection() throws(SyntaxFailure) -> AsofDirection {
        if eat(.backward) { return .backward }
        if eat(.forward) { return .forward }
        if eat(.nearest) { return .nearest }
        throw unexpected("BACKWARD, FORWARD or NEAREST after DIRECTION")
    }

    /// One table with its alias, sample and pivots.
    private mutating func parseTablePrimary() throws(SyntaxFailure) -> TableReference {
        let outer = beginMeasure()
        let start = self.start
        var leadingAlias: Identifier?
        if isAtName, token(1).kind == .symbol(.colon) {
            leadingAlias = takeIdentifier()
            advance()
        }
        var table = TableReference(kind: try parseTableKind(), range: start..<start)
        if let leadingAlias {
            table.alias = TableAlias(name: leadingAlias)
        } else {
            table.alias = try parseTableAlias()
        }
        if eat(.tablesample) { table.sample = try parseSample() }
        table.range = range(from: start)
        while at(.pivot, .leftParenthesis) || at(.unpivot) {
            let kind = at(.pivot) ? try parsePivot(of: table) : try parseUnpivot(of: table)
            try grow()
            table = TableReference(kind: kind, range: range(from: start))
            table.alias = try parseTableAlias()
        }
        try grow()
        endMeasure(outer)
        return table
    }

    private mutating func parseTableKind() throws(SyntaxFailure) -> TableReferenceKind {
        if case .string(let form) = current.kind, form != .blob {
            return .file(try parseString("a file name"))
        }
        if at(.values) , token(1).kind == .symbol(.leftParenthesis) { return .values(try parseValues()) }
        let isLateral = eat(.lateral)
        if at(.leftParenthesis) {
            if isAtParenthesisedQuery { return .subquery(try parseParenthesisedQuery(), isLateral: isLateral) }
            if isLateral { throw unexpected("a query in parentheses after LATERAL") }
            advance()
            let inner = try parseTableReference()
            try expect(.rightParenthesis, "after the joined tables")
            return .parenthesised(inner)
        }
        guard isAtName || (isAtWord && token(1).kind == .symbol(.leftParenthesis) && !isAtReserved) else {
            throw unexpected("a table name")
        }
        var parts = [takeIdentifier()]
        while parts.count < 3, eat(.dot) { parts.append(try parseLabel("a table name")) }
        let name = ObjectName(parts: parts, range: parts[0].range.lowerBound..<previousEnd)
        if at(.leftParenthesis) {
            let call = try parseCallArguments(name)
            let withOrdinality = eat(.with, .ordinality)
            return .function(call, isLateral: isLateral, withOrdinality: withOrdinality)
        }
        if isLateral { throw unexpected("'(' after LATERAL \(name.text)") }
        return .table(name)
    }

    private var isAtReserved: Bool {
        guard case .word(let keyword?) = current.kind else { return false }
        return keyword.isReserved
    }

    /// `[AS] alias [(columns)]`
    private mutating func parseTableAlias() throws(SyntaxFailure) -> TableAlias? {
        guard let name = try parseAlias() else { return nil }
        let columns = at(.leftParenthesis) ? try parseNameList("column name") : []
        return TableAlias(name: name, columns: columns)
    }
}
