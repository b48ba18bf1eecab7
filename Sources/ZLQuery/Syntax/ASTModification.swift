/// `[WITH ...] INSERT INTO name [AS alias] [(columns)] source [ON CONFLICT ...] [RETURNING ...]`
struct Insert: Sendable {
    var with: [CommonTableExpression] = []
    var isRecursive = false
    var table: ObjectName
    var alias: Identifier?
    var columns: [Identifier] = []
    /// `BY NAME`
    var isByName = false
    var source: InsertSource
    var onConflict: OnConflict?
    var returning: [SelectItem] = []
}

enum InsertSource: Sendable {
    case query(Query)
    case defaultValues
}

/// `ON CONFLICT [(columns)] action`, `INSERT OR REPLACE`, `INSERT OR IGNORE`
struct OnConflict: Sendable {
    var columns: [Identifier]
    var action: OnConflictAction
    var range: Range<Int>
}

enum OnConflictAction: Sendable {
    case nothing
    case update([Assignment], filter: Expression?)
    /// `INSERT OR REPLACE`: every column from the new row
    case replace
}

/// `column = expression`
struct Assignment: Sendable {
    var column: Identifier
    var value: Expression
}

/// `[WITH ...] UPDATE name [AS alias] SET ... [FROM ...] [WHERE ...] [RETURNING ...]`
struct Update: Sendable {
    var with: [CommonTableExpression] = []
    var isRecursive = false
    var table: ObjectName
    var alias: Identifier?
    var assignments: [Assignment]
    var from: [TableReference] = []
    var filter: Expression?
    var returning: [SelectItem] = []
}

/// `[WITH ...] DELETE FROM name [AS alias] [USING ...] [WHERE ...] [RETURNING ...]`
struct Delete: Sendable {
    var with: [CommonTableExpression] = []
    var isRecursive = false
    var table: ObjectName
    var alias: Identifier?
    var using: [TableReference] = []
    var filter: Expression?
    var returning: [SelectItem] = []
}

/// `COPY t [(columns)] FROM 'file' (options)`, `COPY t TO 'file'`, `COPY (query) TO (expression) (options)`
struct Copy: Sendable {
    var source: CopySource
    var direction: CopyDirection
    /// The file's name: a string literal, a parameter or a parenthesised expression.
    var target: Expression
    var options: [CopyOption]
}

enum CopySource: Sendable {
    case table(ObjectName, columns: [Identifier])
    /// Only with direction `to`.
    case query(Query)
}

enum CopyDirection: Hashable, Sendable {
    case from
    case to
}

/// `HEADER`, `FORMAT csv`, `DELIMITER ';'`, `NULL_PADDING true`, `PARTITION_BY (a, b)`
struct CopyOption: Sendable {
    var name: Identifier
    var value: CopyOptionValue
}

enum CopyOptionValue: Sendable {
    /// The bare name: true.
    case none
    /// A constant; a bare word, as in `FORMAT csv`, is a column expression of one part.
    case expression(Expression)
    /// `(a, b)`
    case list([Expression])
    /// `*`
    case star
}
