/// SELECT and its clauses, with FROM before or after.
extension Parser {
    mutating func parseSelect() throws(SyntaxFailure) -> Select {
        let start = self.start
        var select = Select(range: start..<start)
        try parseSelectList(&select)
        if eat(.from) { select.from = try parseFromList() }
        try parseClauses(&select)
        select.range = range(from: start)
        return select
    }

    /// `FROM t [SELECT a] [WHERE ...]`
    mutating func parseFromFirst() throws(SyntaxFailure) -> Select {
        let start = self.start
        var select = Select(range: start..<start)
        try expect(.from)
        select.from = try parseFromList()
        if at(.select) {
            try parseSelectList(&select)
        } else {
            select.items = [allColumns(at: start)]
        }
        try parseClauses(&select)
        select.range = range(from: start)
        return select
    }

    /// The `*` that a query without SELECT means.
    func allColumns(at place: Int) -> SelectItem {
        SelectItem(expression: Expression(kind: .star(Star()), range: place..<place), alias: nil)
    }

    private mutating func parseSelectList(_ select: inout Select) throws(SyntaxFailure) {
        try expect(.select)
        if eat(.distinct) {
            select.distinct = .all
            if eat(.on) {
                try expect(.leftParenthesis)
                select.distinct = .on(try parseExpressionList(until: .rightParenthesis))
            }
        } else {
            _ = eat(.all)
        }
        select.items = try parseSelectItems()
    }

    /// Expressions with aliases, separated by commas; a comma may follow the last.
    mutating func parseSelectItems() throws(SyntaxFailure) -> [SelectItem] {
        var items: [SelectItem] = []
        repeat { items.append(try parseSelectItem()) } while eatComma()
        return items
    }

    /// `a`, `a AS b`, `a b`, `b: a`
    mutating func parseSelectItem() throws(SyntaxFailure) -> SelectItem {
        if isAtName, token(1).kind == .symbol(.colon) {
            let alias = takeIdentifier()
            advance()
            return SelectItem(expression: try parseExpression(), alias: alias)
        }
        let expression = try parseExpression()
        return SelectItem(expression: expression, alias: try parseAlias())
    }

    /// `AS name`, `AS 'name'`, or a bare name; nil if there is none.
    mutating func parseAlias() throws(SyntaxFailure) -> Identifier? {
        guard eat(.as) else { return isAtName ? takeIdentifier() : nil }
        if case .string = current.kind {
            let place = current.range
            return Identifier(try parseString("an alias"), isQuoted: true, range: place)
        }
        return try parseLabel("an alias")
    }

    private mutating func parseClauses(_ select: inout Select) throws(SyntaxFailure) {
        if eat(.where) { select.filter = try parseExpression() }
        if at(.group) { select.groupBy = try parseGroupBy() }
        if eat(.having) { select.having = try parseExpression() }
        while true {
            if at(.window), select.windows.isEmpty {
                advance()
                repeat { select.windows.append(try parseNamedWindow()) } while eatComma()
            } else if at(.qualify), select.qualify == nil {
                advance()
                select.qualify = try parseExpression()
            } else {
                break
            }
        }
        if eat(.using, .sample) { select.sample = try parseSample() }
    }

    private mutating func parseNamedWindow() throws(SyntaxFailure) -> NamedWindow {
        let name = try parseName("a window name")
        try expect(.as)
        return NamedWindow(name: name, definition: try parseWindowDefinition())
    }

    private mutating func parseGroupBy() throws(SyntaxFailure) -> GroupBy {
        try expect(.group)
        try expect(.by)
        if eat(.all) { return .all }
        var elements: [GroupingElement] = []
        repeat { elements.append(try parseGroupingElement()) } while eatComma()
        return .elements(elements)
    }

    private mutating func parseGroupingElement() throws(SyntaxFailure) -> GroupingElement {
        if at(.leftParenthesis), token(1).kind == .symbol(.rightParenthesis) {
            advance()
            advance()
            return .empty
        }
        if at(.rollup, .leftParenthesis) { return .rollup(try parseGroupingLevels()) }
        if at(.cube, .leftParenthesis) { return .cube(try parseGroupingLevels()) }
        guard eat(.grouping, .sets) else { return .expression(try parseExpression()) }
        try enter()
        try expect(.leftParenthesis)
        var sets: [GroupingElement] = []
        repeat { sets.append(try parseGroupingElement()) } while eatComma()
        try expect(.rightParenthesis, "after the grouping sets")
        leave()
        return .groupingSets(sets)
    }

    /// `(a, (b, c))` after ROLLUP or CUBE
    private mutating func parseGroupingLevels() throws(SyntaxFailure) -> [[Expression]] {
        advance()
        try expect(.leftParenthesis)
        return try parseExpressionList(until: .rightParenthesis).map { expression in
            if case .row(let elements) = expression.kind { return elements }
            return [expression]
        }
    }

    /// `10%`, `10 PERCENT (bernoulli, 42)`, `reservoir(100 ROWS) REPEATABLE (42)`
    mutating func parseSample() throws(SyntaxFailure) -> Sample {
        var method: String?
        if isAtName, token(1).kind == .symbol(.leftParenthesis) {
            method = takeIdentifier().text.lowercasedASCII
            advance()
        }
        let isParenthesised = method != nil || eat(.leftParenthesis)
        var sample = try parseSampleSize()
        sample.method = method
        if isParenthesised { try expect(.rightParenthesis) }
        if method == nil, eat(.leftParenthesis) {
            sample.method = try parseName("a sampling method").text.lowercasedASCII
            if eat(.comma) { sample.seed = try parseSignedCount("a seed") }
            try expect(.rightParenthesis)
        }
        if eat(.repeatable) {
            try expect(.leftParenthesis)
            sample.seed = try parseSignedCount("a seed")
            try expect(.rightParenthesis)
        }
        return sample
    }

    private mutating func parseSampleSize() throws(SyntaxFailure) -> Sample {
        if let number = try parseNumberBeforePercent() { return Sample(size: number, isPercent: true) }
        let size = try parsePrimary()
        if eat(.percent) || eat(.percentSign) { return Sample(size: size, isPercent: true) }
        _ = eat(.rows)
        return Sample(size: size, isPercent: false)
    }
}
