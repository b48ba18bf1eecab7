/// One function a statement's first word.
extension Parser {
    /// A statement up to its semicolon, which stays.
    mutating func parseStatement() throws(SyntaxFailure) -> Statement {
        try enter()
        let start = self.start
        let kind = try parseStatementKind()
        leave()
        return Statement(kind: kind, range: range(from: start), parameterCount: parameterCount)
    }

    private mutating func parseStatementKind() throws(SyntaxFailure) -> StatementKind {
        guard case .word(let keyword?) = current.kind else {
            if at(.leftParenthesis), isAtQuery { return .query(try parseQuery()) }
            throw unexpectedStatement()
        }
        switch keyword {
        case .select, .from, .values, .table, .pivot, .unpivot: return .query(try parseQuery())
        case .with: return try parseWithStatement()
        case .create: return try parseCreate()
        case .drop: return try parseDrop()
        case .alter: return try parseAlter()
        case .comment: return .comment(try parseComment())
        case .insert: return .insert(try parseInsert(with: [], isRecursive: false))
        case .update: return .update(try parseUpdate(with: [], isRecursive: false))
        case .delete: return .delete(try parseDelete(with: [], isRecursive: false))
        case .truncate:
            advance()
            _ = eat(.table)
            return .truncate(try parseObjectName("a table name"))
        case .merge: throw .notYet("MERGE INTO", range: current.range)
        case .copy: return .copy(try parseCopy())
        case .begin, .start, .commit, .end, .rollback: return try parseTransaction()
        case .checkpoint, .force:
            _ = eat(.force)
            try expect(.checkpoint)
            return .checkpoint(database: isAtName ? takeIdentifier() : nil)
        case .explain: return .explain(try parseExplain())
        default: return try parseOtherStatement(keyword)
        }
    }

    private mutating func parseOtherStatement(_ keyword: Keyword) throws(SyntaxFailure) -> StatementKind {
        switch keyword {
        case .describe, .desc: return .describe(try parseDescribeTarget())
        case .summarize: return .summarize(try parseDescribeTarget())
        case .show: return .show(try parseShow())
        case .set: return try parseSet()
        case .reset: return try parseReset()
        case .pragma: return .pragma(try parsePragma())
        case .attach: return .attach(try parseAttach())
        case .detach: return try parseDetach()
        case .use:
            advance()
            return .use(try parseObjectName("a schema name"))
        case .vacuum, .analyze: return try parseVacuum()
        case .prepare: return try parsePrepare()
        case .execute: return try parseExecute()
        case .deallocate: return try parseDeallocate()
        case .call: return try parseCallStatement()
        case .train: return .train(try parseTrain())
        case .evaluate: return .evaluateModel(try parseEvaluate())
        case .export, .import: return try parseExportOrImport()
        case .report: return try parseReport()
        default: throw unexpectedStatement()
        }
    }

    /// A WITH clause may stand before a query and before INSERT, UPDATE and DELETE.
    private mutating func parseWithStatement() throws(SyntaxFailure) -> StatementKind {
        let start = self.start
        let isRecursive = at(.with, .recursive)
        let with = try parseWith()
        if at(.insert) { return .insert(try parseInsert(with: with, isRecursive: isRecursive)) }
        if at(.update) { return .update(try parseUpdate(with: with, isRecursive: isRecursive)) }
        if at(.delete) { return .delete(try parseDelete(with: with, isRecursive: isRecursive)) }
        if at(.merge) { throw .notYet("MERGE INTO", range: current.range) }
        return .query(try parseQuery(with: with, isRecursive: isRecursive, from: start))
    }

    /// `BEGIN [TRANSACTION]`, `START TRANSACTION`, `COMMIT`, `END`, `ROLLBACK`
    private mutating func parseTransaction() throws(SyntaxFailure) -> StatementKind {
        let isStart = at(.start)
        let kind: StatementKind = at(.rollback) ? .rollback : at(.commit) || at(.end) ? .commit : .begin
        advance()
        if isStart {
            try expect(.transaction)
        } else if !eat(.transaction) {
            _ = eat(.work)
        }
        return kind
    }

    /// `EXPLAIN [ANALYZE | LOOKAHEAD] statement`
    private mutating func parseExplain() throws(SyntaxFailure) -> Explain {
        try expect(.explain)
        var mode = ExplainMode.plan
        if eat(.analyze) || eat(.analyse) {
            mode = .analyze
        } else if eat(.lookahead) {
            mode = .lookahead
        }
        if mode == .lookahead, isAtName, !isAtStatementWithName {
            let name = try parseObjectName("a view name")
            let table = TableReference(kind: .table(name), range: name.range)
            let select = Select(items: [allColumns(at: name.range.lowerBound)], from: [table], range: name.range)
            let query = Query(body: .select(select), range: name.range)
            return Explain(mode: mode, statement: Statement(kind: .query(query), range: name.range))
        }
        return Explain(mode: mode, statement: try parseStatement())
    }

    /// Of the words that begin a statement, those that may also be a view's name.
    private var isAtStatementWithName: Bool {
        guard case .word(let keyword?) = current.kind, case .word = token(1).kind else { return false }
        return Parser.leadingKeywords.contains(keyword)
    }

    // MARK: DESCRIBE, SUMMARIZE, SHOW

    private mutating func parseDescribeTarget() throws(SyntaxFailure) -> DescribeTarget {
        advance()
        if isAtEnd || at(.semicolon) || at(.rightParenthesis) { return .everything }
        if case .string = current.kind {
            let place = current.range
            return .file(try parseString("a file name"), place)
        }
        // why: nobody describes `TABLE a UNION TABLE b`, so TABLE before a name is a noise word here.
        _ = eat(.table)
        if isAtQuery { return .query(try parseQuery()) }
        let name = try parseObjectName("a table name or a query")
        return .table(name)
    }

    private mutating func parseShow() throws(SyntaxFailure) -> ShowTarget {
        try expect(.show)
        if eat(.all) { return eat(.tables) ? .allTables : .settings }
        if at(.tables), isNotDotted {
            advance()
            guard eat(.from) || eat(.in) else { return .tables(from: nil) }
            return .tables(from: try parseObjectName("a schema name"))
        }
        let words: [(Keyword, ShowTarget)] = [
            (.schemas, .schemas), (.databases, .databases), (.models, .models), (.variables, .variables),
            (.functions, .functions), (.settings, .settings),
        ]
        for (word, target) in words where at(word) && isNotDotted {
            advance()
            return target
        }
        return .name(try parseObjectName("a table or setting name"))
    }

    private var isNotDotted: Bool { token(1).kind != .symbol(.dot) }

    // MARK: Prepared statements

    private mutating func parsePrepare() throws(SyntaxFailure) -> StatementKind {
        try expect(.prepare)
        let name = try parseName("a statement name")
        try expect(.as)
        return .prepare(name: name, try parseStatement())
    }

    private mutating func parseExecute() throws(SyntaxFailure) -> StatementKind {
        try expect(.execute)
        let name = try parseName("a statement name")
        guard eat(.leftParenthesis) else { return .execute(name: name, arguments: []) }
        return .execute(name: name, arguments: try parseArguments())
    }

    /// Arguments up to and with the closing parenthesis.
    private mutating func parseArguments() throws(SyntaxFailure) -> [Argument] {
        var arguments: [Argument] = []
        while !at(.rightParenthesis) {
            arguments.append(try parseArgument())
            if !eat(.comma) { break }
        }
        try expect(.rightParenthesis, "after the arguments")
        return arguments
    }

    private mutating func parseDeallocate() throws(SyntaxFailure) -> StatementKind {
        try expect(.deallocate)
        _ = eat(.prepare)
        if eat(.all) { return .deallocate(name: nil) }
        return .deallocate(name: try parseName("a statement name"))
    }

    private mutating func parseCallStatement() throws(SyntaxFailure) -> StatementKind {
        try expect(.call)
        let name = try parseObjectName("a function name")
        return .call(try parseCallArguments(name))
    }

    // MARK: Settings

    /// `SET name = value`, `SET name TO value`, `SET VARIABLE name = expression`
    private mutating func parseSet() throws(SyntaxFailure) -> StatementKind {
        try expect(.set)
        if at(.variable), token(1).kind != .symbol(.equal), token(1).kind != .word(.to) {
            advance()
            let name = try parseLabel("a variable name")
            try expectAssignment()
            return .setVariable(name, try parseExpression())
        }
        let scope = parseScope()
        let name = try parseLabel("a setting name")
        try expectAssignment()
        var values: [Expression] = []
        repeat { values.append(try parseSettingValue()) } while eat(.comma)
        return .set(SetStatement(name: name, scope: scope, values: values))
    }

    private mutating func expectAssignment() throws(SyntaxFailure) {
        if !eat(.equal), !eat(.to) { throw unexpected("'=' or TO") }
    }

    /// An expression; a reserved word such as ON or DESC is a bare word too.
    private mutating func parseSettingValue() throws(SyntaxFailure) -> Expression {
        let following = token(1).kind
        if case .word(let keyword?) = current.kind, keyword.isReserved || keyword.isJoinWord,
            ![.null, .true, .false, .not, .case, .cast, .default, .array].contains(keyword),
            following == .end || following == .symbol(.semicolon) || following == .symbol(.comma)
        {
            let word = takeIdentifier()
            return Expression(kind: .column([word]), range: word.range)
        }
        return try parseExpression()
    }

    private mutating func parseScope() -> SettingScope? {
        guard token(1).kind != .symbol(.equal), token(1).kind != .word(.to) else { return nil }
        if eat(.global) { return .global }
        if eat(.session) { return .session }
        return eat(.local) ? .local : nil
    }

    private mutating func parseReset() throws(SyntaxFailure) -> StatementKind {
        try expect(.reset)
        if at(.variable), case .word = token(1).kind {
            advance()
            return .resetVariable(try parseLabel("a variable name"))
        }
        if case .word = token(1).kind { _ = parseScope() }
        return .reset(try parseLabel("a setting name"))
    }

    /// `PRAGMA name`, `PRAGMA name = value`, `PRAGMA name(arguments)`
    private mutating func parsePragma() throws(SyntaxFailure) -> Pragma {
        try expect(.pragma)
        var pragma = Pragma(name: try parseLabel("a pragma name"), value: nil, arguments: [])
        if eat(.equal) {
            pragma.value = try parseSettingValue()
        } else if eat(.leftParenthesis) {
            pragma.arguments = try parseArguments()
        }
        return pragma
    }

    // MARK: Databases

    private mutating func parseAttach() throws(SyntaxFailure) -> Attach {
        try expect(.attach)
        if at(.database), token(1).kind != .end { advance() }
        let ifNotExists = try parseIfNotExists()
        var attach = Attach(path: try parseExpression(), name: nil, ifNotExists: ifNotExists, options: [])
        if eat(.as) { attach.name = try parseLabel("a database name") }
        if at(.leftParenthesis) { attach.options = try parseCopyOptions() }
        return attach
    }

    private mutating func parseDetach() throws(SyntaxFailure) -> StatementKind {
        try expect(.detach)
        if at(.database), !isLastToken { advance() }
        let ifExists = try parseIfExists()
        return .detach(try parseName("a database name"), ifExists: ifExists)
    }

    private var isLastToken: Bool { token(1).kind == .end || token(1).kind == .symbol(.semicolon) }

    private mutating func parseVacuum() throws(SyntaxFailure) -> StatementKind {
        var analyze = at(.analyze)
        advance()
        if eat(.analyze) { analyze = true }
        let table = isAtName ? try parseObjectName("a table name") : nil
        return .vacuum(table, analyze: analyze)
    }

    /// `EXPORT DATABASE 'folder' (options)`, `IMPORT DATABASE 'folder'`, `EXPORT MODEL ...`, `IMPORT MODEL ...`
    private mutating func parseExportOrImport() throws(SyntaxFailure) -> StatementKind {
        let isExport = at(.export)
        if token(1).kind == .word(.model) { return try isExport ? parseExportModel() : parseImportModel() }
        advance()
        guard eat(.database) else { throw unexpected("DATABASE or MODEL") }
        let path = try parseString("a folder in quotes")
        guard isExport else { return .importDatabase(path: path) }
        return .exportDatabase(path: path, options: at(.leftParenthesis) ? try parseCopyOptions() : [])
    }
}
