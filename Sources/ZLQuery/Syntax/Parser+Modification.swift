/// INSERT, UPDATE, DELETE and COPY.
extension Parser {
    mutating func parseInsert(with: [CommonTableExpression], isRecursive: Bool) throws(SyntaxFailure) -> Insert {
        let start = self.start
        try expect(.insert)
        var onConflict: OnConflict?
        if eat(.or) {
            let place = current.range
            if eat(.replace) {
                onConflict = OnConflict(columns: [], action: .replace, range: place)
            } else if eat(.ignore) {
                onConflict = OnConflict(columns: [], action: .nothing, range: place)
            } else {
                throw unexpected("REPLACE or IGNORE after OR")
            }
        }
        try expect(.into)
        let table = try parseObjectName("a table name")
        let alias = eat(.as) ? try parseName("an alias") : nil
        var insert = Insert(
            with: with, isRecursive: isRecursive, table: table, alias: alias, source: .defaultValues)
        if at(.by, .name) {
            advance()
            advance()
            insert.isByName = true
        } else if at(.by, .position) {
            advance()
            advance()
        }
        if at(.leftParenthesis), !isAtParenthesisedQuery { insert.columns = try parseNameList("column name") }
        if at(.default), token(1).kind == .word(.values) {
            advance()
            advance()
        } else {
            guard isAtQuery else { throw unexpected("VALUES, a query or DEFAULT VALUES", wanted: .values) }
            insert.source = .query(try parseQuery())
        }
        insert.onConflict = onConflict
        if at(.on), token(1).kind == .word(.conflict) {
            if onConflict != nil {
                throw Lexer.syntaxError(
                    "contradiction", "OR REPLACE or OR IGNORE and ON CONFLICT cannot stand together", range(from: start))
            }
            insert.onConflict = try parseOnConflict()
        }
        insert.returning = try parseReturning()
        return insert
    }

    /// `ON CONFLICT [(columns)] DO NOTHING | DO UPDATE SET ... [WHERE ...]`
    private mutating func parseOnConflict() throws(SyntaxFailure) -> OnConflict {
        let start = self.start
        try expect(.on)
        try expect(.conflict)
        let columns = at(.leftParenthesis) ? try parseNameList("column name") : []
        try expect(.do)
        var action = OnConflictAction.nothing
        if !eat(.nothing) {
            guard eat(.update) else { throw unexpected("NOTHING or UPDATE after DO") }
            try expect(.set)
            let assignments = try parseAssignments()
            action = .update(assignments, filter: eat(.where) ? try parseExpression() : nil)
        }
        return OnConflict(columns: columns, action: action, range: range(from: start))
    }

    private mutating func parseAssignments() throws(SyntaxFailure) -> [Assignment] {
        var assignments: [Assignment] = []
        repeat {
            if at(.leftParenthesis) { throw .notYet("SET with several columns in parentheses", range: current.range) }
            let column = try parseName("a column name")
            try expect(.equal, "after the column")
            assignments.append(Assignment(column: column, value: try parseExpression()))
        } while eatComma()
        return assignments
    }

    private mutating func parseReturning() throws(SyntaxFailure) -> [SelectItem] {
        eat(.returning) ? try parseSelectItems() : []
    }

    mutating func parseUpdate(with: [CommonTableExpression], isRecursive: Bool) throws(SyntaxFailure) -> Update {
        try expect(.update)
        let table = try parseObjectName("a table name")
        let alias = at(.set) ? nil : try parseAlias()
        try expect(.set)
        var update = Update(
            with: with, isRecursive: isRecursive, table: table, alias: alias, assignments: try parseAssignments())
        if eat(.from) { update.from = try parseFromList() }
        if eat(.where) { update.filter = try parseExpression() }
        update.returning = try parseReturning()
        return update
    }

    mutating func parseDelete(with: [CommonTableExpression], isRecursive: Bool) throws(SyntaxFailure) -> Delete {
        try expect(.delete)
        try expect(.from)
        let table = try parseObjectName("a table name")
        var delete = Delete(with: with, isRecursive: isRecursive, table: table, alias: try parseAlias())
        if eat(.using) { delete.using = try parseFromList() }
        if eat(.where) { delete.filter = try parseExpression() }
        delete.returning = try parseReturning()
        return delete
    }

    // MARK: COPY

    /// `COPY t [(columns)] FROM 'file' (options)`, `COPY (query) TO (expression) (options)`
    mutating func parseCopy() throws(SyntaxFailure) -> Copy {
        try expect(.copy)
        let source: CopySource
        if at(.leftParenthesis) {
            guard isAtParenthesisedQuery else {
                advance()
                throw unexpected("a query")
            }
            source = .query(try parseParenthesisedQuery())
        } else {
            let name = try parseObjectName("a table name or a query in parentheses")
            source = .table(name, columns: at(.leftParenthesis) ? try parseNameList("column name") : [])
        }
        let direction: CopyDirection = at(.from) ? .from : .to
        if case .query = source, direction == .from { throw unexpected("TO, as a query can only be copied to a file") }
        if !eat(.from), !eat(.to) { throw unexpected("FROM or TO") }
        let target = try parseCopyTarget()
        let hasWith = eat(.with)
        var options: [CopyOption] = []
        if at(.leftParenthesis) {
            options = try parseCopyOptions()
        } else if hasWith {
            throw unexpected("'(' with the options")
        }
        return Copy(source: source, direction: direction, target: target, options: options)
    }

    /// A string, a parameter, a call, or any expression in parentheses.
    private mutating func parseCopyTarget() throws(SyntaxFailure) -> Expression {
        switch current.kind {
        case .string, .parameter, .symbol(.leftParenthesis): return try parsePrimary()
        case .word where token(1).kind == .symbol(.leftParenthesis): return try parsePrimary()
        default: throw unexpected("a file in quotes or an expression in parentheses")
        }
    }

    /// `(FORMAT csv, HEADER, DELIMITER ';', PARTITION_BY (a, b))`
    mutating func parseCopyOptions() throws(SyntaxFailure) -> [CopyOption] {
        try expect(.leftParenthesis)
        var options: [CopyOption] = []
        while !at(.rightParenthesis) {
            let name = try parseLabel("an option")
            _ = eat(.equal) || eat(.namedArgument)
            options.append(CopyOption(name: name, value: try parseCopyOptionValue()))
            if !eatComma() { break }
        }
        try expect(.rightParenthesis, "or ',' after an option")
        return options
    }

    private mutating func parseCopyOptionValue() throws(SyntaxFailure) -> CopyOptionValue {
        switch current.kind {
        case .symbol(.comma), .symbol(.rightParenthesis), .end: return .none
        case .symbol(.star):
            advance()
            return .star
        case .symbol(.leftParenthesis):
            advance()
            return .list(try parseExpressionList(until: .rightParenthesis))
        case .word where token(1).kind == .symbol(.comma) || token(1).kind == .symbol(.rightParenthesis):
            return .expression(try parseOptionWord())
        default:
            return .expression(try parseExpression())
        }
    }

    /// A bare word; TRUE, FALSE and NULL are constants.
    private mutating func parseOptionWord() throws(SyntaxFailure) -> Expression {
        if atAny(.true, .false, .null) { return try parseExpression() }
        let word = takeIdentifier()
        return Expression(kind: .column([word]), range: word.range)
    }
}
