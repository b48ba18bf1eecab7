/// Queries: WITH, set operations, ORDER BY, LIMIT.
extension Parser {
    /// `[WITH ...] body [ORDER BY ...] [LIMIT ...] [OFFSET ...]`
    mutating func parseQuery() throws(SyntaxFailure) -> Query {
        let start = self.start
        let isRecursive = at(.with, .recursive)
        let with = try parseWith()
        return try parseQuery(with: with, isRecursive: isRecursive, from: start)
    }

    /// The rest of a query whose WITH clause is read.
    mutating func parseQuery(
        with: [CommonTableExpression], isRecursive: Bool, from start: Int
    ) throws(SyntaxFailure) -> Query {
        try enter()
        let outer = beginMeasure()
        let body = try parseSetOperations()
        var query = Query(with: with, isRecursive: isRecursive, body: body, range: start..<start)
        if at(.order) { query.orderBy = try parseOrderBy() }
        try parseLimits(&query)
        query.range = range(from: start)
        try grow()
        endMeasure(outer)
        leave()
        return query
    }

    /// `(query)`
    mutating func parseParenthesisedQuery() throws(SyntaxFailure) -> Query {
        try expect(.leftParenthesis)
        let query = try parseQuery()
        if !at(.rightParenthesis) {
            throw unexpected("')' after the query").hinted(unexpectedAfterStatement().hint)
        }
        advance()
        return query
    }

    /// `WITH [RECURSIVE] a AS (...), b AS (...)`; none if there is no WITH.
    mutating func parseWith() throws(SyntaxFailure) -> [CommonTableExpression] {
        guard eat(.with) else { return [] }
        _ = eat(.recursive)
        var expressions: [CommonTableExpression] = []
        repeat { expressions.append(try parseCommonTableExpression()) } while eatComma()
        return expressions
    }

    private mutating func parseCommonTableExpression() throws(SyntaxFailure) -> CommonTableExpression {
        try enter()
        let name = try parseName("a name for the common table expression")
        let columns = at(.leftParenthesis) ? try parseNameList("column name") : []
        let keyColumns = eat(.using, .key) ? try parseNameList("column name") : []
        try expect(.as)
        var isMaterialized: Bool?
        if eat(.materialized) {
            isMaterialized = true
        } else if eat(.not, .materialized) {
            isMaterialized = false
        }
        guard isAtParenthesisedQuery else {
            if at(.leftParenthesis) { advance() }
            throw unexpected("a query in parentheses")
        }
        let query = try parseParenthesisedQuery()
        leave()
        return CommonTableExpression(
            name: name, columns: columns, isMaterialized: isMaterialized, query: query, keyColumns: keyColumns)
    }

    /// UNION and EXCEPT, left to right; INTERSECT binds tighter.
    private mutating func parseSetOperations() throws(SyntaxFailure) -> QueryBody {
        let start = self.start
        let outer = beginMeasure()
        var left = try parseIntersections()
        while at(.union) || at(.except) {
            let operation: SetOperator = at(.union) ? .union : .except
            let (isAll, isByName) = parseSetModifiers()
            let right = try parseIntersections()
            try grow()
            left = .setOperation(
                operation, isAll: isAll, isByName: isByName, left: left, right: right, range: range(from: start))
        }
        endMeasure(outer)
        return left
    }

    private mutating func parseIntersections() throws(SyntaxFailure) -> QueryBody {
        let start = self.start
        let outer = beginMeasure()
        var left = try parseQueryOperand()
        while at(.intersect) {
            let (isAll, isByName) = parseSetModifiers()
            let right = try parseQueryOperand()
            try grow()
            left = .setOperation(
                .intersect, isAll: isAll, isByName: isByName, left: left, right: right, range: range(from: start))
        }
        endMeasure(outer)
        return left
    }

    /// The operator's word, `[ALL | DISTINCT] [BY NAME]`
    private mutating func parseSetModifiers() -> (isAll: Bool, isByName: Bool) {
        advance()
        let isAll = eat(.all)
        if !isAll { _ = eat(.distinct) }
        return (isAll, eat(.by, .name))
    }

    private mutating func parseQueryOperand() throws(SyntaxFailure) -> QueryBody {
        let outer = beginMeasure()
        let body: QueryBody
        switch current.kind {
        case .symbol(.leftParenthesis): body = .query(try parseParenthesisedQuery())
        case .word(.select?): body = .select(try parseSelect())
        case .word(.from?): body = .select(try parseFromFirst())
        case .word(.values?): body = .values(try parseValues())
        case .word(.table?): body = .select(try parseTableQuery())
        case .word(.pivot?): body = .table(try parsePivotStatement())
        case .word(.unpivot?): body = .table(try parseUnpivotStatement())
        case .word(.describe?), .word(.summarize?), .word(.show?): body = .show(try parseStatement())
        default: throw unexpected("a query (SELECT, FROM, VALUES or WITH)", wanted: .select)
        }
        endMeasure(outer)
        return body
    }

    /// `TABLE t` is `SELECT * FROM t`
    private mutating func parseTableQuery() throws(SyntaxFailure) -> Select {
        let start = self.start
        try expect(.table)
        let name = try parseObjectName("a table name")
        let table = TableReference(kind: .table(name), range: name.range)
        return Select(items: [allColumns(at: start)], from: [table], range: range(from: start))
    }

    /// `VALUES (1, 2), (3, 4)`
    mutating func parseValues() throws(SyntaxFailure) -> [[Expression]] {
        try expect(.values)
        var rows: [[Expression]] = []
        repeat {
            try expect(.leftParenthesis, "before a row of values")
            rows.append(try parseExpressionList(until: .rightParenthesis))
        } while eatComma()
        return rows
    }

    private mutating func parseOrderBy() throws(SyntaxFailure) -> OrderBy {
        if at(.order, .by), token(2).kind == .word(.all) {
            advance()
            advance()
            advance()
            let direction = parseSortDirection()
            return .all(direction: direction, nulls: try parseNullOrder())
        }
        return .items(try parseOrderItems())
    }

    /// LIMIT, OFFSET and FETCH, in either order
    private mutating func parseLimits(_ query: inout Query) throws(SyntaxFailure) {
        while true {
            if at(.limit), query.limit == nil {
                advance()
                if !eat(.all) { query.limit = try parseLimit() }
            } else if at(.offset), query.offset == nil {
                advance()
                query.offset = try parseExpression()
                if at(.row) || at(.rows) { advance() }
            } else if at(.fetch), query.limit == nil {
                query.limit = try parseFetch()
            } else {
                return
            }
        }
    }

    /// `10`, `10%`, `10 PERCENT`
    private mutating func parseLimit() throws(SyntaxFailure) -> Limit {
        if let number = try parseNumberBeforePercent() { return .percent(number) }
        let amount = try parseExpression()
        return eat(.percent) ? .percent(amount) : .rows(amount)
    }

    /// `10%` where the sign is no remainder; nil, and nothing read, otherwise.
    mutating func parseNumberBeforePercent() throws(SyntaxFailure) -> Expression? {
        guard case .number = current.kind, token(1).kind == .symbol(.percentSign) else { return nil }
        switch token(2).kind {
        case .end, .symbol(.semicolon), .symbol(.rightParenthesis), .symbol(.leftParenthesis), .symbol(.comma), .word:
            let number = try parsePrimary()
            advance()
            return number
        default:
            return nil
        }
    }

    /// `FETCH FIRST 10 ROWS ONLY`
    private mutating func parseFetch() throws(SyntaxFailure) -> Limit {
        try expect(.fetch)
        let start = self.start
        guard at(.first) || text(current.range).lowercasedASCII == "next" else { throw unexpected("FIRST or NEXT") }
        advance()
        let isOne = at(.row) || at(.rows)
        let amount = isOne
            ? Expression(kind: .literal(.integer("1")), range: range(from: start)) : try parseOperators(.additive)
        guard eat(.row) || eat(.rows) else { throw unexpected("ROW or ROWS") }
        try expect(.only)
        return .rows(amount)
    }
}
