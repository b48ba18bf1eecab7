import ZLColumnar

/// What a table promises about its rows: columns, defaults, constraints and the declared order.
///
/// The catalog keeps it as the CREATE TABLE statement that `sql` writes and `init(parsing:)` reads.
struct TableDefinition: Sendable {
    struct Column: Sendable {
        var name: String
        var type: DataType
        var isNotNull = false
        /// nil: NULL.
        var defaultValue: Expression?
    }

    /// PRIMARY KEY or UNIQUE: places of the columns.
    struct Key: Hashable, Sendable {
        var columns: [Int]
        var isPrimary: Bool
        /// It comes from a UNIQUE index and is no part of the CREATE TABLE statement.
        var isIndex = false
    }

    struct OrderKey: Hashable, Sendable {
        var column: Int
        var isDescending: Bool
        var nullsFirst: Bool
    }

    var schema: String
    var name: String
    var columns: [Column] = []
    var keys: [Key] = []
    var checks: [Expression] = []
    var order: [OrderKey] = []

    var columnTypes: [(name: String, type: DataType)] { columns.map { ($0.name, $0.type) } }
    var types: [DataType] { columns.map(\.type) }
    /// As messages call it.
    var fullName: String { schema == "main" ? name : "\(schema).\(name)" }

    func column(named name: String) -> Int? { columns.firstIndex { $0.name.isSameName(as: name) } }

    func requireColumn(_ name: Identifier) throws(ZLError) -> Int {
        if let place = column(named: name.text) { return place }
        throw ZLError(
            .binding, "unknown_column", "the table \"\(fullName)\" has no column \"\(name.text)\"",
            hint: NearestName.hint(name.text, among: columns.map(\.name)), range: name.range)
    }
}

// MARK: From a statement

extension TableDefinition {
    /// The definition that `CREATE TABLE name (columns) ...` states.
    ///
    /// - Throws: a column that comes twice, an unknown type, a constraint that does not exist yet or names no column.
    init(_ statement: CreateTable, schema: String) throws(ZLError) {
        self.schema = schema
        name = statement.name.last
        for column in statement.columns { try add(column) }
        for constraint in statement.constraints { try add(constraint) }
        order = try order(of: statement.orderBy)
        for key in keys where key.isPrimary {
            for column in key.columns { columns[column].isNotNull = true }
        }
    }

    /// The definition behind a catalog entry's text.
    init(parsing text: String, schema: String) throws(ZLError) {
        let statements = try Parser.parseScript(text)
        guard statements.count == 1, case .createTable(let statement) = statements[0].kind else {
            throw ZLError(.corruption, "corrupt_definition", "the stored definition of a table of \"\(schema)\" is no CREATE TABLE")
        }
        try self.init(statement, schema: schema)
    }

    private mutating func add(_ column: ColumnDefinition) throws(ZLError) {
        guard self.column(named: column.name.text) == nil else {
            throw ZLError(
                .binding, "duplicate_column", "the table \"\(name)\" has the column \"\(column.name.text)\" twice",
                range: column.name.range)
        }
        guard let typeName = column.type else {
            throw ZLError.notYet("a generated column", range: column.range)
        }
        var added = Column(name: column.name.text, type: try Binder.type(typeName))
        let place = columns.count
        for constraint in column.constraints {
            switch constraint.kind {
            case .notNull: added.isNotNull = true
            case .null: added.isNotNull = false
            case .primaryKey: try addKey(Key(columns: [place], isPrimary: true), constraint.range)
            case .unique: try addKey(Key(columns: [place], isPrimary: false), constraint.range)
            case .defaultValue(let expression): added.defaultValue = expression
            case .check(let expression): checks.append(expression)
            case .references: throw ZLError.notYet("a FOREIGN KEY constraint", range: constraint.range)
            case .collate: throw ZLError.notYet("COLLATE", range: constraint.range)
            case .generated: throw ZLError.notYet("a generated column", range: constraint.range)
            }
        }
        columns.append(added)
    }

    private mutating func add(_ constraint: TableConstraint) throws(ZLError) {
        switch constraint.kind {
        case .primaryKey(let names): try addKey(Key(columns: places(names), isPrimary: true), constraint.range)
        case .unique(let names): try addKey(Key(columns: places(names), isPrimary: false), constraint.range)
        case .check(let expression): checks.append(expression)
        case .foreignKey: throw ZLError.notYet("a FOREIGN KEY constraint", range: constraint.range)
        }
    }

    private func places(_ names: [Identifier]) throws(ZLError) -> [Int] {
        var places: [Int] = []
        for name in names {
            let place = try requireColumn(name)
            guard !places.contains(place) else {
                throw ZLError(
                    .binding, "duplicate_column", "the key names the column \"\(name.text)\" twice", range: name.range)
            }
            places.append(place)
        }
        return places
    }

    private mutating func addKey(_ key: Key, _ range: Range<Int>) throws(ZLError) {
        if key.isPrimary, keys.contains(where: \.isPrimary) {
            throw ZLError(
                .binding, "second_primary_key", "the table \"\(name)\" has more than one PRIMARY KEY", range: range)
        }
        keys.append(key)
    }

    /// The columns of an ORDER BY clause.
    func order(of items: [OrderItem]) throws(ZLError) -> [OrderKey] {
        var keys: [OrderKey] = []
        for item in items {
            guard case .column(let parts) = item.expression.kind, parts.count == 1 else {
                throw ZLError(
                    .binding, "order_expression", "the ORDER BY of a table takes column names", range: item.expression.range)
            }
            keys.append(
                OrderKey(
                    column: try requireColumn(parts[0]), isDescending: item.direction == .descending,
                    nullsFirst: item.nulls == .first))
        }
        return keys
    }
}

// MARK: To a statement

extension TableDefinition {
    /// The CREATE TABLE statement, without a semicolon.
    var sql: String {
        var parts = columns.map { column in
            var text = "\(SQLText.name(column.name)) \(column.type)"
            if column.isNotNull { text += " NOT NULL" }
            if let value = column.defaultValue { text += " DEFAULT (\(value.canonicalText))" }
            return text
        }
        for key in keys where !key.isIndex {
            let names = key.columns.map { SQLText.name(columns[$0].name) }.joined(separator: ", ")
            parts.append("\(key.isPrimary ? "PRIMARY KEY" : "UNIQUE") (\(names))")
        }
        parts += checks.map { "CHECK (\($0.canonicalText))" }
        var text = "CREATE TABLE \(SQLText.name(schema)).\(SQLText.name(name)) (\(parts.joined(separator: ", ")))"
        if !order.isEmpty {
            let keys = order.map { key in
                SQLText.name(columns[key.column].name) + (key.isDescending ? " DESC" : "") + (key.nullsFirst ? " NULLS FIRST" : "")
            }
            text += " ORDER BY (\(keys.joined(separator: ", ")))"
        }
        return text
    }
}

/// Names and texts as SQL writes them.
enum SQLText {
    /// A name, in double quotes where it needs them.
    static func name(_ name: String) -> String {
        Identifier(name, range: 0..<0).canonicalText
    }

    static func string(_ text: String) -> String {
        var quoted = "'"
        for character in text.unicodeScalars {
            if character == "'" { quoted += "'" }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "'"
    }
}
