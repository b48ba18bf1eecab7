/// What to do when the name is taken: `OR REPLACE`, `IF NOT EXISTS`, or neither.
enum ConflictRule: Hashable, Sendable {
    case fail
    case replace
    case ignore
}

struct CreateSchema: Sendable {
    var name: ObjectName
    var onConflict: ConflictRule
}

/// `CREATE TABLE name (columns) [ORDER BY (a, b)]`, `CREATE TABLE name [(names)] [ORDER BY (a, b)] AS query`
struct CreateTable: Sendable {
    var name: ObjectName
    var isTemporary: Bool
    var onConflict: ConflictRule
    var columns: [ColumnDefinition] = []
    var constraints: [TableConstraint] = []
    /// The declared physical sort order.
    var orderBy: [OrderItem] = []
    var query: Query?
    /// Names for the columns of `AS query`, possibly empty.
    var columnNames: [Identifier] = []
    /// `AS query WITH NO DATA`
    var withNoData = false
}

struct ColumnDefinition: Sendable {
    var name: Identifier
    /// nil only for a generated column without a type.
    var type: TypeName?
    var constraints: [ColumnConstraint] = []
    var range: Range<Int>
}

struct ColumnConstraint: Sendable {
    var kind: ColumnConstraintKind
    /// `CONSTRAINT name ...`
    var name: Identifier?
    var range: Range<Int>
}

enum ColumnConstraintKind: Sendable {
    case notNull
    case null
    case primaryKey
    case unique
    case defaultValue(Expression)
    case check(Expression)
    case references(ObjectName, columns: [Identifier])
    case collate(ObjectName)
    /// `[GENERATED ALWAYS] AS (expression) [VIRTUAL | STORED]`
    case generated(Expression, isStored: Bool)
}

struct TableConstraint: Sendable {
    var kind: TableConstraintKind
    var name: Identifier?
    var range: Range<Int>
}

enum TableConstraintKind: Sendable {
    case primaryKey([Identifier])
    case unique([Identifier])
    case check(Expression)
    case foreignKey([Identifier], references: ObjectName, columns: [Identifier])
}

struct CreateView: Sendable {
    var name: ObjectName
    var isTemporary: Bool
    var onConflict: ConflictRule
    var columnNames: [Identifier]
    /// `query.range` is the piece of the text to store.
    var query: Query
}

/// `CREATE MACRO name(a, b := 1) AS expression`, `... AS TABLE query`
struct CreateMacro: Sendable {
    var name: ObjectName
    var isTemporary: Bool
    var onConflict: ConflictRule
    /// One for each overload, never empty.
    var overloads: [MacroOverload]
}

struct MacroOverload: Sendable {
    var parameters: [MacroParameter]
    var body: MacroBody
}

struct MacroParameter: Sendable {
    var name: Identifier
    var type: TypeName?
    var defaultValue: Expression?
}

indirect enum MacroBody: Sendable {
    case expression(Expression)
    case table(Query)
}

/// What is not written is nil.
struct CreateSequence: Sendable {
    var name: ObjectName
    var isTemporary: Bool
    var onConflict: ConflictRule
    var start: Int?
    var increment: Int?
    var minimum: Int?
    var maximum: Int?
    var isCyclic: Bool
}

struct CreateIndex: Sendable {
    var name: Identifier?
    var table: ObjectName
    var isUnique: Bool
    var onConflict: ConflictRule
    var expressions: [Expression]
}

/// `CREATE TYPE name AS ENUM ('a', 'b')`, `... AS ENUM (SELECT ...)`, `... AS T`
struct CreateType: Sendable {
    var name: ObjectName
    var onConflict: ConflictRule
    var type: TypeName?
    var query: Query?
}

/// `DROP TABLE [IF EXISTS] a, b [CASCADE]`
struct Drop: Sendable {
    var object: ObjectKind
    var names: [ObjectName]
    var ifExists: Bool
    var isCascading: Bool
}

enum ObjectKind: String, Hashable, Sendable {
    case schema = "SCHEMA"
    case table = "TABLE"
    case view = "VIEW"
    case macro = "MACRO"
    case tableMacro = "MACRO TABLE"
    case sequence = "SEQUENCE"
    case index = "INDEX"
    case type = "TYPE"
    case column = "COLUMN"
    case database = "DATABASE"
}

/// `ALTER TABLE [IF EXISTS] name action`, also ALTER VIEW and ALTER SEQUENCE ... RENAME TO
struct Alter: Sendable {
    var object: ObjectKind
    var name: ObjectName
    var ifExists: Bool
    var action: AlterAction
}

enum AlterAction: Sendable {
    case addColumn(ColumnDefinition, ifNotExists: Bool)
    case dropColumn(Identifier, ifExists: Bool, isCascading: Bool)
    case renameColumn(Identifier, to: Identifier)
    case rename(to: Identifier)
    case setSchema(Identifier)
    case setDefault(column: Identifier, Expression)
    case dropDefault(column: Identifier)
    case setNotNull(column: Identifier)
    case dropNotNull(column: Identifier)
    /// `ALTER c [SET DATA] TYPE T [USING expression]`; without a type, `USING` alone decides
    case setType(column: Identifier, TypeName?, using: Expression?)
    case addConstraint(TableConstraint)
    case dropConstraint(Identifier, ifExists: Bool)
    /// `SET SORTED BY (a, b)`, `ORDER BY (a, b)`; empty: none any more
    case setOrder([OrderItem])
}

/// `COMMENT ON TABLE name IS 'text'`; nil is NULL and removes it. A column's name ends with the column.
struct Comment: Sendable {
    var object: ObjectKind
    var name: ObjectName
    var text: String?
}
