/// CREATE, by kind of object.
extension Parser {
    mutating func parseCreate() throws(SyntaxFailure) -> StatementKind {
        try expect(.create)
        var rule = ConflictRule.fail
        if eat(.or, .replace) { rule = .replace }
        var isTemporary = false
        if eat(.temp) || eat(.temporary) {
            isTemporary = true
        } else {
            _ = eat(.persistent)
        }
        let place = current.range
        switch current.kind {
        case .word(.schema?):
            advance()
            rule = try parseIfNotExists(rule)
            return .createSchema(CreateSchema(name: try parseObjectName("a schema name"), onConflict: rule))
        case .word(.table?): return .createTable(try parseCreateTable(rule, isTemporary: isTemporary))
        case .word(.view?): return .createView(try parseCreateView(rule, isTemporary: isTemporary))
        case .word(.recursive?) where token(1).kind == .word(.view): throw .notYet("CREATE RECURSIVE VIEW", range: place)
        case .word(.materialized?) where token(1).kind == .word(.view):
            throw .notYet("CREATE MATERIALIZED VIEW", range: place)
        case .word(.macro?), .word(.function?): return .createMacro(try parseCreateMacro(rule, isTemporary: isTemporary))
        case .word(.sequence?): return .createSequence(try parseCreateSequence(rule, isTemporary: isTemporary))
        case .word(.unique?), .word(.index?): return .createIndex(try parseCreateIndex(rule))
        case .word(.type?): return .createType(try parseCreateType(rule))
        case .word(.secret?): throw .notYet("CREATE SECRET", range: place)
        default: throw unexpected("SCHEMA, TABLE, VIEW, MACRO, SEQUENCE, INDEX or TYPE after CREATE", wanted: .table)
        }
    }

    /// `IF NOT EXISTS`
    mutating func parseIfNotExists() throws(SyntaxFailure) -> Bool {
        guard at(.if), token(1).kind == .word(.not) else { return false }
        advance()
        advance()
        try expect(.exists)
        return true
    }

    /// `IF EXISTS`
    mutating func parseIfExists() throws(SyntaxFailure) -> Bool {
        guard at(.if), token(1).kind == .word(.exists) else { return false }
        advance()
        advance()
        return true
    }

    private mutating func parseIfNotExists(_ rule: ConflictRule) throws(SyntaxFailure) -> ConflictRule {
        let place = current.range
        guard try parseIfNotExists() else { return rule }
        if rule == .replace {
            throw Lexer.syntaxError("contradiction", "OR REPLACE and IF NOT EXISTS cannot stand together", place)
        }
        return .ignore
    }

    private mutating func parseCreateTable(
        _ given: ConflictRule, isTemporary: Bool
    ) throws(SyntaxFailure) -> CreateTable {
        try expect(.table)
        let rule = try parseIfNotExists(given)
        var table = CreateTable(name: try parseObjectName("a table name"), isTemporary: isTemporary, onConflict: rule)
        var hasColumns = false
        if at(.leftParenthesis) {
            hasColumns = true
            if isNameListBeforeAs {
                table.columnNames = try parseNameList("column name")
                hasColumns = false
            } else {
                try parseTableElements(&table)
            }
        }
        if at(.order) { table.orderBy = try parseTableOrder() }
        if at(.as), !hasColumns {
            advance()
            table.query = try parseQuery()
            if at(.with) { table.withNoData = try parseWithData() }
        } else if !hasColumns {
            throw unexpected("'(' with columns or AS with a query")
        }
        if at(.order), table.orderBy.isEmpty { table.orderBy = try parseTableOrder() }
        return table
    }

    /// `(a, b, c)` and not `(a INTEGER, ...)`: names for the columns of AS.
    private var isNameListBeforeAs: Bool {
        var distance = 1
        while true {
            switch token(distance).kind {
            case .word, .quotedName: distance += 1
            default: return false
            }
            if token(distance).kind == .symbol(.rightParenthesis) { return true }
            guard token(distance).kind == .symbol(.comma) else { return false }
            distance += 1
        }
    }

    /// `ORDER BY (a, b DESC)`; the parentheses may be left out.
    mutating func parseTableOrder() throws(SyntaxFailure) -> [OrderItem] {
        guard token(2).kind == .symbol(.leftParenthesis) else { return try parseOrderItems() }
        try expect(.order)
        try expect(.by)
        return try parseParenthesisedOrder()
    }

    mutating func parseParenthesisedOrder() throws(SyntaxFailure) -> [OrderItem] {
        try expect(.leftParenthesis)
        var items: [OrderItem] = []
        repeat { items.append(try parseOrderItem()) } while eatComma()
        try expect(.rightParenthesis, "after the order")
        return items
    }

    private mutating func parseWithData() throws(SyntaxFailure) -> Bool {
        try expect(.with)
        let withNoData = eat(.no)
        try expect(.data)
        return withNoData
    }

    /// `(columns and constraints)`
    private mutating func parseTableElements(_ table: inout CreateTable) throws(SyntaxFailure) {
        try expect(.leftParenthesis)
        repeat {
            if isAtTableConstraint {
                table.constraints.append(try parseTableConstraint())
            } else {
                table.columns.append(try parseColumnDefinition())
            }
        } while eatComma()
        try expect(.rightParenthesis, "or ',' after a column")
    }

    private var isAtTableConstraint: Bool {
        atAny(.constraint, .primary, .unique, .check, .foreign)
    }

    mutating func parseTableConstraint() throws(SyntaxFailure) -> TableConstraint {
        let start = self.start
        let name = eat(.constraint) ? try parseName("a constraint name") : nil
        let kind: TableConstraintKind
        if eat(.primary) {
            try expect(.key)
            kind = .primaryKey(try parseNameList("column name"))
        } else if eat(.unique) {
            kind = .unique(try parseNameList("column name"))
        } else if eat(.check) {
            kind = .check(try parseParenthesisedExpression())
        } else if eat(.foreign) {
            try expect(.key)
            let columns = try parseNameList("column name")
            try expect(.references)
            let table = try parseObjectName("a table name")
            kind = .foreignKey(
                columns, references: table, columns: at(.leftParenthesis) ? try parseNameList("column name") : [])
        } else {
            throw unexpected("PRIMARY KEY, UNIQUE, CHECK or FOREIGN KEY")
        }
        return TableConstraint(kind: kind, name: name, range: range(from: start))
    }

    private mutating func parseParenthesisedExpression() throws(SyntaxFailure) -> Expression {
        try expect(.leftParenthesis)
        let expression = try parseExpression()
        try expect(.rightParenthesis, "after the expression")
        return expression
    }

    /// `name type [constraints]`
    mutating func parseColumnDefinition() throws(SyntaxFailure) -> ColumnDefinition {
        let start = self.start
        let name = try parseName("a column name")
        let isGenerated = at(.generated) || at(.as, .leftParenthesis)
        var column = ColumnDefinition(name: name, type: isGenerated ? nil : try parseType(), range: start..<start)
        while let constraint = try parseColumnConstraint() { column.constraints.append(constraint) }
        column.range = range(from: start)
        return column
    }

    private mutating func parseColumnConstraint() throws(SyntaxFailure) -> ColumnConstraint? {
        let start = self.start
        let name = eat(.constraint) ? try parseName("a constraint name") : nil
        guard let kind = try parseColumnConstraintKind() else {
            if name != nil { throw unexpected("NOT NULL, PRIMARY KEY, UNIQUE, CHECK, DEFAULT or REFERENCES") }
            return nil
        }
        return ColumnConstraint(kind: kind, name: name, range: range(from: start))
    }

    private mutating func parseColumnConstraintKind() throws(SyntaxFailure) -> ColumnConstraintKind? {
        if eat(.not) {
            try expect(.null)
            return .notNull
        }
        if eat(.null) { return .null }
        if eat(.primary) {
            try expect(.key)
            return .primaryKey
        }
        if eat(.unique) { return .unique }
        // why: binds tighter than the postfix NOT NULL, which is a constraint of its own here.
        if eat(.default) { return .defaultValue(try parseOperators(.comparison)) }
        if eat(.check) { return .check(try parseParenthesisedExpression()) }
        if eat(.references) {
            let table = try parseObjectName("a table name")
            return .references(table, columns: at(.leftParenthesis) ? try parseNameList("column name") : [])
        }
        if eat(.collate) { return .collate(try parseObjectName("a collation name")) }
        guard at(.generated) || at(.as) else { return nil }
        if eat(.generated) { try expect(.always) }
        try expect(.as)
        let expression = try parseParenthesisedExpression()
        let isStored = eat(.stored)
        if !isStored { _ = eat(.virtual) }
        return .generated(expression, isStored: isStored)
    }

    private mutating func parseCreateView(_ given: ConflictRule, isTemporary: Bool) throws(SyntaxFailure) -> CreateView {
        try expect(.view)
        let rule = try parseIfNotExists(given)
        let name = try parseObjectName("a view name")
        let columns = at(.leftParenthesis) ? try parseNameList("column name") : []
        try expect(.as)
        return CreateView(
            name: name, isTemporary: isTemporary, onConflict: rule, columnNames: columns, query: try parseQuery())
    }

    /// `MACRO name(a, b := 1) AS expression [, (a) AS ...]`
    private mutating func parseCreateMacro(_ given: ConflictRule, isTemporary: Bool) throws(SyntaxFailure) -> CreateMacro {
        advance()
        let rule = try parseIfNotExists(given)
        let name = try parseObjectName("a macro name")
        var overloads: [MacroOverload] = []
        repeat { overloads.append(try parseMacroOverload()) } while eat(.comma)
        return CreateMacro(name: name, isTemporary: isTemporary, onConflict: rule, overloads: overloads)
    }

    private mutating func parseMacroOverload() throws(SyntaxFailure) -> MacroOverload {
        try expect(.leftParenthesis, "before the macro's parameters")
        var parameters: [MacroParameter] = []
        while !at(.rightParenthesis) {
            let name = try parseName("a parameter name")
            let hasType = isAtWord
            let type = hasType ? try parseType() : nil
            let hasDefault = eat(.assign) || eat(.namedArgument)
            let defaultValue = hasDefault ? try parseExpression() : nil
            parameters.append(MacroParameter(name: name, type: type, defaultValue: defaultValue))
            if !eatComma() { break }
        }
        try expect(.rightParenthesis, "after the macro's parameters")
        try expect(.as)
        if at(.table) {
            if token(1).kind == .symbol(.leftParenthesis) || isQueryWord(token(1).kind) { advance() }
            return MacroOverload(parameters: parameters, body: .table(try parseQuery()))
        }
        return MacroOverload(parameters: parameters, body: .expression(try parseExpression()))
    }

    private func isQueryWord(_ kind: TokenKind) -> Bool {
        switch kind {
        case .word(.select?), .word(.from?), .word(.with?), .word(.values?): true
        default: false
        }
    }

    private mutating func parseCreateSequence(
        _ given: ConflictRule, isTemporary: Bool
    ) throws(SyntaxFailure) -> CreateSequence {
        try expect(.sequence)
        let rule = try parseIfNotExists(given)
        var sequence = CreateSequence(
            name: try parseObjectName("a sequence name"), isTemporary: isTemporary, onConflict: rule, isCyclic: false)
        while true {
            if eat(.start) {
                _ = eat(.with)
                sequence.start = try parseSignedCount("a whole number")
            } else if eat(.increment) {
                _ = eat(.by)
                sequence.increment = try parseSignedCount("a whole number")
            } else if eat(.minvalue) {
                sequence.minimum = try parseSignedCount("a whole number")
            } else if eat(.maxvalue) {
                sequence.maximum = try parseSignedCount("a whole number")
            } else if eat(.cycle) {
                sequence.isCyclic = true
            } else if at(.no) {
                advance()
                guard atAny(.cycle, .minvalue, .maxvalue) else { throw unexpected("CYCLE, MINVALUE or MAXVALUE after NO") }
                advance()
            } else {
                return sequence
            }
        }
    }

    private mutating func parseCreateIndex(_ given: ConflictRule) throws(SyntaxFailure) -> CreateIndex {
        let isUnique = eat(.unique)
        try expect(.index)
        let rule = try parseIfNotExists(given)
        let name = at(.on) ? nil : try parseName("an index name")
        try expect(.on)
        let table = try parseObjectName("a table name")
        if eat(.using) { _ = try parseName("an index method") }
        try expect(.leftParenthesis)
        var expressions: [Expression] = []
        repeat {
            expressions.append(try parseExpression())
            _ = parseSortDirection()
        } while eatComma()
        try expect(.rightParenthesis, "after the indexed columns")
        return CreateIndex(name: name, table: table, isUnique: isUnique, onConflict: rule, expressions: expressions)
    }

    private mutating func parseCreateType(_ given: ConflictRule) throws(SyntaxFailure) -> CreateType {
        try expect(.type)
        let rule = try parseIfNotExists(given)
        var definition = CreateType(name: try parseObjectName("a type name"), onConflict: rule)
        try expect(.as)
        if case .word = current.kind, text(current.range).lowercasedASCII == "enum", isQuery(at: position + 1) {
            advance()
            definition.query = try parseParenthesisedQuery()
        } else {
            definition.type = try parseType()
        }
        return definition
    }
}
