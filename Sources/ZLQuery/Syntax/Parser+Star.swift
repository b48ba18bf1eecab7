/// `*` and `t.*` with EXCLUDE, REPLACE, RENAME and LIKE.
extension Parser {
    mutating func parseStar(qualifier: [Identifier], from start: Int) throws(SyntaxFailure) -> Expression {
        try expect(.star)
        var star = Star(qualifier: qualifier)
        if atAny(.exclude, .except), !isSetOperationAhead { star.exclude = try parseStarExclusions() }
        if at(.replace, .leftParenthesis) { star.replace = try parseStarReplacements() }
        if at(.rename, .leftParenthesis) { star.rename = try parseStarRenamings() }
        star.pattern = try parseStarPattern()
        return try node(.star(star), from: start)
    }

    /// After `*`: EXCEPT that joins two queries rather than one that names columns.
    private var isSetOperationAhead: Bool {
        guard at(.except) else { return false }
        switch token(1).kind {
        case .symbol(.leftParenthesis): return isQuery(at: position + 1)
        default: return true
        }
    }

    private mutating func parseStarExclusions() throws(SyntaxFailure) -> [[Identifier]] {
        advance()
        guard eat(.leftParenthesis) else { return [try parseStarColumn()] }
        var columns: [[Identifier]] = []
        repeat { columns.append(try parseStarColumn()) } while eatComma()
        try expect(.rightParenthesis, "after the columns of EXCLUDE")
        return columns
    }

    private mutating func parseStarColumn() throws(SyntaxFailure) -> [Identifier] {
        var parts = [try parseName("a column name")]
        while parts.count < 4, eat(.dot) { parts.append(try parseLabel("a column name")) }
        return parts
    }

    private mutating func parseStarReplacements() throws(SyntaxFailure) -> [StarReplacement] {
        advance()
        try expect(.leftParenthesis)
        var replacements: [StarReplacement] = []
        repeat {
            let expression = try parseExpression()
            try expect(.as)
            replacements.append(StarReplacement(expression: expression, name: try parseLabel("a column name")))
        } while eatComma()
        try expect(.rightParenthesis, "after the columns of REPLACE")
        return replacements
    }

    private mutating func parseStarRenamings() throws(SyntaxFailure) -> [StarRenaming] {
        advance()
        try expect(.leftParenthesis)
        var renamings: [StarRenaming] = []
        repeat {
            let column = try parseStarColumn()
            try expect(.as)
            renamings.append(StarRenaming(column: column, name: try parseLabel("a column name")))
        } while eatComma()
        try expect(.rightParenthesis, "after the columns of RENAME")
        return renamings
    }

    /// `[NOT] LIKE 'zl%'` and its kin right after a star
    private mutating func parseStarPattern() throws(SyntaxFailure) -> StarPattern? {
        let isNegated = at(.not)
        let kind: PatternKind
        switch token(isNegated ? 1 : 0).kind {
        case .word(.like?): kind = .like
        case .word(.ilike?): kind = .ilike
        case .word(.glob?): kind = .glob
        case .word(.similar?): kind = .similar
        default: return nil
        }
        if isNegated { advance() }
        advance()
        if kind == .similar { try expect(.to) }
        return StarPattern(kind: kind, pattern: try parseString("a pattern in quotes"), isNegated: isNegated)
    }
}
