/// PIVOT and UNPIVOT, in FROM and as statements.
extension Parser {
    /// `PIVOT (sum(x) FOR year IN (2020, 2021) GROUP BY c)`
    mutating func parsePivot(of source: TableReference) throws(SyntaxFailure) -> TableReferenceKind {
        try expect(.pivot)
        try expect(.leftParenthesis)
        var pivot = Pivot(source: source, aggregates: try parseSelectItems(), columns: [], groupBy: [])
        try expect(.for)
        repeat { pivot.columns.append(try parsePivotColumn()) } while !at(.group) && !at(.rightParenthesis)
        if eat(.group) {
            try expect(.by)
            repeat { pivot.groupBy.append(try parseExpression()) } while eatComma()
        }
        try expect(.rightParenthesis, "after PIVOT")
        return .pivot(pivot)
    }

    /// `PIVOT t ON year [IN (...)] USING sum(x) GROUP BY c`
    mutating func parsePivotStatement() throws(SyntaxFailure) -> TableReference {
        let start = self.start
        try expect(.pivot)
        var pivot = Pivot(source: try parseTableReference(), aggregates: [], columns: [], groupBy: [])
        if eat(.on) {
            repeat { pivot.columns.append(try parsePivotColumn()) } while eatComma()
        }
        if eat(.using) { pivot.aggregates = try parseSelectItems() }
        if eat(.group) {
            try expect(.by)
            repeat { pivot.groupBy.append(try parseExpression()) } while eatComma()
        }
        return TableReference(kind: .pivot(pivot), range: range(from: start))
    }

    private mutating func parsePivotColumn() throws(SyntaxFailure) -> PivotColumn {
        let first = try parseOperators(.other)
        var column = PivotColumn(expressions: [first], values: [], query: nil)
        if case .row(let elements) = first.kind { column.expressions = elements }
        guard eat(.in) else { return column }
        if isAtParenthesisedQuery {
            column.query = try parseParenthesisedQuery()
            return column
        }
        try expect(.leftParenthesis)
        column.values = try parseSelectItems()
        try expect(.rightParenthesis)
        return column
    }

    /// `UNPIVOT [INCLUDE NULLS] (value FOR name IN (a, b))`
    mutating func parseUnpivot(of source: TableReference) throws(SyntaxFailure) -> TableReferenceKind {
        try expect(.unpivot)
        let includesNulls = try parseIncludeNulls()
        try expect(.leftParenthesis)
        let values = at(.leftParenthesis) ? try parseNameList("column name") : [try parseName("a column name")]
        try expect(.for)
        let name = try parseName("a column name")
        try expect(.in)
        try expect(.leftParenthesis)
        let columns = try parseSelectItems()
        try expect(.rightParenthesis)
        try expect(.rightParenthesis, "after UNPIVOT")
        return .unpivot(
            Unpivot(
                source: source, includesNulls: includesNulls, nameColumn: name, valueColumns: values, columns: columns))
    }

    /// `UNPIVOT t ON a, b INTO NAME name VALUE value`
    mutating func parseUnpivotStatement() throws(SyntaxFailure) -> TableReference {
        let start = self.start
        try expect(.unpivot)
        let source = try parseTableReference()
        let includesNulls = try parseIncludeNulls()
        try expect(.on)
        let columns = try parseSelectItems()
        var unpivot = Unpivot(
            source: source, includesNulls: includesNulls, nameColumn: nil, valueColumns: [], columns: columns)
        if eat(.into) {
            try expect(.name)
            unpivot.nameColumn = try parseName("a column name")
            if !eat(.value) { try expect(.values) }
            repeat { unpivot.valueColumns.append(try parseName("a column name")) } while eatComma()
        }
        return TableReference(kind: .unpivot(unpivot), range: range(from: start))
    }

    private mutating func parseIncludeNulls() throws(SyntaxFailure) -> Bool {
        let isInclude = at(.include, .nulls)
        if isInclude || at(.exclude, .nulls) {
            advance()
            advance()
        }
        return isInclude
    }
}
