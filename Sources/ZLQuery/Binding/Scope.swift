import ZLColumnar

/// A column as names reach it.
struct ScopeColumn: Sendable {
    var name: String
    /// What `table.name` means.
    var column: OutputColumn
    /// What the bare name and `*` mean: the column itself, but for a column merged by USING.
    var unqualified: BoundExpression
    /// The bare name and `*` pass it over: the other half of a pair merged by USING.
    var isMerged = false

    init(_ column: OutputColumn) {
        name = column.name
        self.column = column
        unqualified = .column(column)
    }
}

/// One table of a FROM clause under the name that it has there.
struct ScopeTable: Sendable {
    /// Empty for a join in parentheses without an alias and for what the engine makes.
    var name: String
    /// Known where the table stands under its own name.
    var schema: String?
    var columns: [ScopeColumn]
}

/// The tables whose columns an expression can name, in the order of FROM.
struct Scope: Sendable {
    var tables: [ScopeTable] = []

    init(_ tables: [ScopeTable] = []) { self.tables = tables }

    init(name: String, schema: String? = nil, columns: [OutputColumn]) {
        tables = [ScopeTable(name: name, schema: schema, columns: columns.map(ScopeColumn.init))]
    }

    var isEmpty: Bool { tables.allSatisfy(\.columns.isEmpty) }

    /// Every column that `*` gives, in order.
    var starColumns: [ScopeColumn] { tables.flatMap(\.columns).filter { !$0.isMerged } }

    /// Every column of the tables, merged ones included.
    var outputColumns: [OutputColumn] { tables.flatMap { $0.columns.map(\.column) } }

    /// The name of a column, for messages.
    func name(of id: ColumnID) -> String? {
        for table in tables {
            if let found = table.columns.first(where: { $0.column.id == id }) { return found.name }
        }
        return nil
    }
}

extension String {
    /// Names are matched without regard to the case of ASCII letters.
    func isSameName(as other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.asciiLowercase == $1.asciiLowercase }
    }

    /// The form under which names are kept in tables.
    var nameKey: String { String(decoding: utf8.map(\.asciiLowercase), as: UTF8.self) }
}

extension UInt8 {
    fileprivate var asciiLowercase: UInt8 { self >= 65 && self <= 90 ? self + 32 : self }
}
