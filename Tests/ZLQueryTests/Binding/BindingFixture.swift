import Testing
import ZLColumnar

@testable import ZLQuery

/// A small catalog to bind against: `bars`, `days`, `market.trades` without rows, and views.
struct BindingFixture {
    var catalog = Catalog()
    var settings = Settings()
    var variables: [String: (value: Value, type: DataType)] = [:]
    var tableFunctions = TableFunctionRegistry.standard

    init() {
        catalog.createSchema("market")
        table(
            "main", "bars",
            [
                ("symbol", .varchar), ("ts", .timestampNS), ("close", .double), ("volume", .ubigint), ("id", .integer),
                ("price", .decimal(precision: 10, scale: 2)), ("tiny", .tinyint),
            ])
        table("main", "days", [("symbol", .varchar), ("day", .date), ("close", .double), ("is_open", .boolean)])
        table("market", "trades", [("id", .integer), ("size", .uinteger)])
    }

    mutating func table(_ schema: String, _ name: String, _ columns: [(String, DataType)], rows: TableData? = nil) {
        catalog.createSchema(schema)
        catalog.put(
            CatalogEntry(
                schema: schema, name: name, kind: .table,
                columns: columns.map { ZLColumnar.ColumnDefinition(name: $0.0, type: $0.1) },
                data: rows ?? TableData(types: columns.map(\.1))))
    }

    mutating func view(_ name: String, _ text: String, schema: String = "main") {
        catalog.put(CatalogEntry(schema: schema, name: name, kind: .view, text: text))
    }

    var binder: Binder {
        Binder(
            BindingContext(
                catalog: catalog, settings: settings, variables: variables, tableFunctions: tableFunctions,
                startTimeMicroseconds: 1_700_000_000_000_000))
    }

    func bind(_ text: String) throws -> BoundQuery {
        var binder = binder
        return try binder.bind(try Parser.parseQuery(text))
    }

    /// The optimized plan's text.
    func plan(_ text: String) throws -> String {
        try Optimizer.optimize(try bind(text), settings: settings).plan.explain()
    }

    /// `name TYPE, name TYPE`
    func columns(_ text: String) throws -> String {
        try bind(text).columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
    }

    /// The type of an expression over `bars`.
    func type(_ expression: String) throws -> String {
        try bind("SELECT \(expression) FROM bars").columns[0].type.description
    }

    /// The error that binding ends in.
    func failure(_ text: String) -> ZLError? {
        do {
            _ = try bind(text)
            return nil
        } catch {
            return error as? ZLError
        }
    }
}
