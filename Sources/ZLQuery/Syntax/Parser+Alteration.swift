/// DROP, ALTER and COMMENT ON.
extension Parser {
    /// `DROP TABLE [IF EXISTS] a, b [CASCADE]`, `DROP MODEL [IF EXISTS] m`
    mutating func parseDrop() throws(SyntaxFailure) -> StatementKind {
        try expect(.drop)
        if at(.model) {
            advance()
            let ifExists = try parseIfExists()
            return .dropModel(try parseName("a model name"), ifExists: ifExists)
        }
        let object = try parseObjectKind("DROP")
        let ifExists = try parseIfExists()
        var names: [ObjectName] = []
        repeat { names.append(try parseObjectName("a \(object.rawValue.lowercasedASCII) name")) } while eat(.comma)
        let isCascading = eat(.cascade)
        if !isCascading, case .word = current.kind, text(current.range).lowercasedASCII == "restrict" { advance() }
        return .drop(Drop(object: object, names: names, ifExists: ifExists, isCascading: isCascading))
    }

    private mutating func parseObjectKind(_ verb: String) throws(SyntaxFailure) -> ObjectKind {
        let kinds: [(Keyword, ObjectKind)] = [
            (.schema, .schema), (.table, .table), (.view, .view), (.sequence, .sequence), (.index, .index), (.type, .type),
            (.column, .column), (.database, .database),
        ]
        for (word, kind) in kinds where eat(word) { return kind }
        if eat(.macro) || eat(.function) { return eat(.table) ? .tableMacro : .macro }
        throw unexpected("SCHEMA, TABLE, VIEW, MACRO, SEQUENCE, INDEX or TYPE after \(verb)", wanted: .table)
    }

    /// `ALTER TABLE [IF EXISTS] name action`, `ALTER MODEL m RENAME TO n`
    mutating func parseAlter() throws(SyntaxFailure) -> StatementKind {
        try expect(.alter)
        if eat(.model) {
            let ifExists = try parseIfExists()
            let name = try parseName("a model name")
            try expect(.rename)
            try expect(.to)
            return .renameModel(name, to: try parseName("a model name"), ifExists: ifExists)
        }
        let object: ObjectKind
        if eat(.table) {
            object = .table
        } else if eat(.view) {
            object = .view
        } else if eat(.sequence) {
            object = .sequence
        } else {
            throw unexpected("TABLE, VIEW, SEQUENCE or MODEL after ALTER", wanted: .table)
        }
        let ifExists = try parseIfExists()
        let name = try parseObjectName("a \(object.rawValue.lowercasedASCII) name")
        let action = try parseAlterAction()
        return .alter(Alter(object: object, name: name, ifExists: ifExists, action: action))
    }

    private mutating func parseAlterAction() throws(SyntaxFailure) -> AlterAction {
        if eat(.add) { return try parseAddAction() }
        if eat(.drop) { return try parseDropAction() }
        if eat(.rename) { return try parseRenameAction() }
        if eat(.set) {
            if eat(.schema) { return .setSchema(try parseName("a schema name")) }
            guard eat(.sorted) else { throw unexpected("SCHEMA or SORTED BY after SET") }
            try expect(.by)
            return .setOrder(try parseParenthesisedOrder())
        }
        if eat(.reset) {
            try expect(.sorted)
            try expect(.by)
            return .setOrder([])
        }
        if at(.order) { return .setOrder(try parseTableOrder()) }
        if eat(.alter) {
            _ = eat(.column)
            return try parseAlterColumn()
        }
        throw unexpected("ADD, DROP, RENAME, ALTER or SET")
    }

    private mutating func parseAddAction() throws(SyntaxFailure) -> AlterAction {
        if atAny(.constraint, .primary, .unique, .check, .foreign) { return .addConstraint(try parseTableConstraint()) }
        _ = eat(.column)
        let ifNotExists = try parseIfNotExists()
        return .addColumn(try parseColumnDefinition(), ifNotExists: ifNotExists)
    }

    private mutating func parseDropAction() throws(SyntaxFailure) -> AlterAction {
        if eat(.constraint) {
            let ifExists = try parseIfExists()
            return .dropConstraint(try parseName("a constraint name"), ifExists: ifExists)
        }
        _ = eat(.column)
        let ifExists = try parseIfExists()
        let name = try parseName("a column name")
        return .dropColumn(name, ifExists: ifExists, isCascading: eat(.cascade))
    }

    private mutating func parseRenameAction() throws(SyntaxFailure) -> AlterAction {
        if eat(.to) { return .rename(to: try parseName("a new name")) }
        _ = eat(.column)
        let name = try parseName("a column name")
        try expect(.to)
        return .renameColumn(name, to: try parseName("a new name"))
    }

    private mutating func parseAlterColumn() throws(SyntaxFailure) -> AlterAction {
        let column = try parseName("a column name")
        if eat(.drop) {
            if eat(.default) { return .dropDefault(column: column) }
            guard eat(.not, .null) else { throw unexpected("DEFAULT or NOT NULL after DROP") }
            return .dropNotNull(column: column)
        }
        if eat(.set) {
            if eat(.default) { return .setDefault(column: column, try parseExpression()) }
            if eat(.not, .null) { return .setNotNull(column: column) }
            guard eat(.data) || at(.type) else { throw unexpected("DEFAULT, NOT NULL or DATA TYPE after SET") }
        }
        try expect(.type)
        let type = at(.using) ? nil : try parseType()
        let using = eat(.using) ? try parseExpression() : nil
        return .setType(column: column, type, using: using)
    }

    /// `COMMENT ON TABLE name IS 'text'`
    mutating func parseComment() throws(SyntaxFailure) -> Comment {
        try expect(.comment)
        try expect(.on)
        let object = try parseObjectKind("COMMENT ON")
        var name = try parseObjectName("a name")
        if object == .column, eat(.dot) {
            name.parts.append(try parseLabel("a column name"))
            name.range = name.range.lowerBound..<previousEnd
        }
        try expect(.is)
        if eat(.null) { return Comment(object: object, name: name, text: nil) }
        return Comment(object: object, name: name, text: try parseString("a comment in quotes or NULL"))
    }
}
