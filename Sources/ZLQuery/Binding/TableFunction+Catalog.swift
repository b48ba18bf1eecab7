import ZLColumnar
import ZLFunctions

/// What the engine tells about itself: tables, columns, views, functions, settings.
extension TableFunction {
    static let catalog: [TableFunction] = [
        listing("zl_functions", "Every function with its signatures", functionColumns) { context in functionRows(context) },
        listing("zl_tables", "The tables", tableColumns) { context in tableRows(context) },
        listing("zl_columns", "The columns of tables and views", columnColumns) { context in columnRows(context) },
        listing("zl_views", "The views with their text", viewColumns) { context in viewRows(context) },
        listing("zl_settings", "The settings", settingColumns) { context in settingRows(context.settings) },
        listing("information_schema.tables", "Tables and views by the standard", schemaTableColumns) { context in
            schemaTableRows(context)
        },
        listing("information_schema.columns", "Columns by the standard", schemaColumnColumns) { context in
            schemaColumnRows(context)
        },
        listing("information_schema.schemata", "Schemas by the standard", [("schema_name", .varchar)]) { context in
            context.catalog.schemas.map { [.string($0)] }
        },
    ]

    typealias Columns = [(name: String, type: DataType)]

    /// A function without arguments whose rows are known at once.
    static func listing(
        _ name: String, _ summary: String, _ columns: Columns, rows: @escaping @Sendable (BindingContext) -> [[Value]]
    ) -> TableFunction {
        let isStandard = name.hasPrefix("information_schema")
        return TableFunction(
            name, isView: isStandard, summary, example: "* FROM \(name)\(isStandard ? "" : "()")",
            bind: { (arguments, _, context) throws(ZLError) in
                guard arguments.isEmpty else { throw ZLError(.binding, "argument_count", "\(name) takes no arguments") }
                return .rows(columns: columns, chunks: chunks(rows(context), columns))
            })
    }

    /// Rows of values as chunks.
    static func chunks(_ rows: [[Value]], _ columns: Columns) -> [DataChunk] {
        stride(from: 0, to: rows.count, by: DataChunk.capacity).map { start in
            let part = rows[start..<min(start + DataChunk.capacity, rows.count)]
            let vectors = columns.indices.map { index in
                let builder = ColumnBuilder(type: columns[index].type, capacity: part.count)
                for row in part { builder.append(value: row[index]) }
                return builder.finish()
            }
            return DataChunk(columns: vectors, rowCount: part.count)
        }
    }

    private static let functionColumns: Columns = [
        ("function_name", .varchar), ("function_type", .varchar), ("signature", .varchar), ("description", .varchar),
        ("null_rule", .varchar), ("example", .varchar), ("alias_of", .varchar),
    ]

    private static func functionRows(_ context: BindingContext) -> [[Value]] {
        let registry = FunctionRegistry.shared
        var rows: [[Value]] = []
        func add(_ name: String, _ description: FunctionDescription, _ signatures: [String]) {
            let aliasOf: Value = name == description.name ? .null : .string(description.name)
            for signature in signatures.isEmpty ? [""] : signatures {
                rows.append([
                    .string(name), .string(description.kind.rawValue), signature.isEmpty ? .null : .string(signature),
                    .string(description.summary), .string(description.nullRule.rawValue), .string(description.example), aliasOf,
                ])
            }
        }
        for (name, function) in registry.scalars { add(name, function.description, function.overloads.map(\.signatureText)) }
        for (name, function) in registry.aggregates { add(name, function.description, function.overloads.map(\.signatureText)) }
        for (name, function) in registry.windows { add(name, function.description, function.overloads.map(\.signatureText)) }
        for name in context.tableFunctions.names {
            if let function = context.tableFunctions.function(name) { add(name, function.description, []) }
        }
        return rows.sorted { left, right in key(left) < key(right) }
    }

    private static func key(_ row: [Value]) -> String {
        row.prefix(3).map { if case .string(let text) = $0 { text } else { "" } }.joined(separator: " ")
    }

    private static let tableColumns: Columns = [
        ("schema_name", .varchar), ("table_name", .varchar), ("column_count", .bigint), ("estimated_size", .bigint),
    ]

    private static func tableRows(_ context: BindingContext) -> [[Value]] {
        context.catalog.entries.filter { $0.kind == .table }.map { entry in
            [
                .string(entry.schema), .string(entry.name), .integer(Int128(entry.columns.count)),
                .integer(Int128(entry.data?.rowCount ?? 0)),
            ]
        }
    }

    private static let columnColumns: Columns = [
        ("schema_name", .varchar), ("table_name", .varchar), ("column_name", .varchar), ("column_index", .integer),
        ("is_nullable", .boolean), ("data_type", .varchar), ("column_default", .varchar),
    ]

    private static func columnRows(_ context: BindingContext) -> [[Value]] {
        context.catalog.entries.filter { $0.kind == .table || $0.kind == .view }.flatMap { entry in
            entry.columns.enumerated().map { position, column in
                [
                    .string(entry.schema), .string(entry.name), .string(column.name), .integer(Int128(position + 1)),
                    .boolean(!column.isNotNull), .string(column.type.description),
                    column.defaultText.map(Value.string) ?? .null,
                ]
            }
        }
    }

    private static let viewColumns: Columns = [("schema_name", .varchar), ("view_name", .varchar), ("sql", .varchar)]

    private static func viewRows(_ context: BindingContext) -> [[Value]] {
        context.catalog.entries.filter { $0.kind == .view }.map {
            [.string($0.schema), .string($0.name), .string($0.text)]
        }
    }

    private static let settingColumns: Columns = [
        ("name", .varchar), ("value", .varchar), ("description", .varchar), ("accepts", .varchar),
    ]

    private static func settingRows(_ settings: Settings) -> [[Value]] {
        SettingTable.all.map { [.string($0.name), .string($0.text(settings)), .string($0.summary), .string($0.range)] }
    }

    private static let schemaTableColumns: Columns = [
        ("table_catalog", .varchar), ("table_schema", .varchar), ("table_name", .varchar), ("table_type", .varchar),
    ]

    private static func schemaTableRows(_ context: BindingContext) -> [[Value]] {
        context.catalog.entries.filter { $0.kind == .table || $0.kind == .view }.map { entry in
            [
                .string("memory"), .string(entry.schema), .string(entry.name),
                .string(entry.kind == .table ? "BASE TABLE" : "VIEW"),
            ]
        }
    }

    private static let schemaColumnColumns: Columns = [
        ("table_catalog", .varchar), ("table_schema", .varchar), ("table_name", .varchar), ("column_name", .varchar),
        ("ordinal_position", .integer), ("column_default", .varchar), ("is_nullable", .varchar), ("data_type", .varchar),
    ]

    private static func schemaColumnRows(_ context: BindingContext) -> [[Value]] {
        context.catalog.entries.filter { $0.kind == .table || $0.kind == .view }.flatMap { entry in
            entry.columns.enumerated().map { position, column in
                [
                    .string("memory"), .string(entry.schema), .string(entry.name), .string(column.name),
                    .integer(Int128(position + 1)), column.defaultText.map(Value.string) ?? .null,
                    .string(column.isNotNull ? "NO" : "YES"), .string(column.type.description),
                ]
            }
        }
    }
}
