/// One statement, with its piece of the script (without the semicolon).
///
/// Every range under it counts UTF-8 bytes from the start of the text handed to the parser.
struct Statement: Sendable {
    var kind: StatementKind
    var range: Range<Int>
    /// The number of `?` places, and the largest `$n`; see also `Parameter.name`.
    var parameterCount = 0
}

/// The statements of the dialect.
indirect enum StatementKind: Sendable {
    case query(Query)

    case createSchema(CreateSchema)
    case createTable(CreateTable)
    case createView(CreateView)
    case createMacro(CreateMacro)
    case createSequence(CreateSequence)
    case createIndex(CreateIndex)
    case createType(CreateType)
    case drop(Drop)
    case alter(Alter)
    case comment(Comment)

    case insert(Insert)
    case update(Update)
    case delete(Delete)
    case truncate(ObjectName)
    case copy(Copy)

    case begin
    case commit
    case rollback
    case checkpoint(database: Identifier?)

    case explain(Explain)
    /// `DESCRIBE t`, `DESCRIBE SELECT ...`
    case describe(DescribeTarget)
    /// `SUMMARIZE t`, `SUMMARIZE SELECT ...`
    case summarize(DescribeTarget)
    case show(ShowTarget)
    case set(SetStatement)
    /// `RESET name`
    case reset(Identifier)
    case setVariable(Identifier, Expression)
    case resetVariable(Identifier)
    case pragma(Pragma)

    case attach(Attach)
    case detach(Identifier, ifExists: Bool)
    case use(ObjectName)
    case exportDatabase(path: String, options: [CopyOption])
    case importDatabase(path: String)
    case vacuum(ObjectName?, analyze: Bool)

    case prepare(name: Identifier, Statement)
    case execute(name: Identifier, arguments: [Argument])
    case deallocate(name: Identifier?)
    /// `CALL f(...)`
    case call(FunctionCall)

    case train(TrainBoosted)
    case evaluateModel(EvaluateModel)
    case dropModel(Identifier, ifExists: Bool)
    case renameModel(Identifier, to: Identifier, ifExists: Bool)
    case exportModel(Identifier, path: Expression)
    case importModel(Identifier, path: Expression, orReplace: Bool)
    case reportModel(Identifier, path: Expression)
}

/// `EXPLAIN [ANALYZE | LOOKAHEAD] statement`; `EXPLAIN LOOKAHEAD view` explains `FROM view`.
struct Explain: Sendable {
    var mode: ExplainMode
    var statement: Statement
}

enum ExplainMode: Hashable, Sendable {
    case plan
    case analyze
    case lookahead
}

enum DescribeTarget: Sendable {
    case table(ObjectName)
    /// `DESCRIBE 'bars.csv'`
    case file(String, Range<Int>)
    case query(Query)
    /// `DESCRIBE` alone: every table
    case everything
}

enum ShowTarget: Sendable {
    /// `SHOW TABLES [FROM schema]`
    case tables(from: ObjectName?)
    /// `SHOW ALL TABLES`
    case allTables
    case schemas
    case databases
    case models
    case variables
    case functions
    /// `SHOW ALL`, `SHOW SETTINGS`
    case settings
    /// `SHOW t`, `SHOW threads`: a table, or else a setting
    case name(ObjectName)
}

/// `SET [GLOBAL | SESSION | LOCAL] name = value`; a bare word is a column expression of one part.
struct SetStatement: Sendable {
    var name: Identifier
    var scope: SettingScope?
    /// `SET name = a, b` has two.
    var values: [Expression]
}

enum SettingScope: String, Hashable, Sendable {
    case global = "GLOBAL"
    case session = "SESSION"
    case local = "LOCAL"
}

/// `PRAGMA name`, `PRAGMA name = value`, `PRAGMA name(arguments)`
struct Pragma: Sendable {
    var name: Identifier
    var value: Expression?
    var arguments: [Argument]
}

/// `ATTACH [DATABASE] [IF NOT EXISTS] 'path' [AS name] [(READ_ONLY)]`
struct Attach: Sendable {
    var path: Expression
    var name: Identifier?
    var ifNotExists: Bool
    var options: [CopyOption]
}
