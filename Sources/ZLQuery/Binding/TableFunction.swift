import ZLColumnar
import ZLFormats
import ZLFunctions

/// A function that stands in FROM and gives rows.
struct TableFunction: Sendable {
    /// Settles the rows' columns; arguments are constants, DATE and every timestamp as TIMESTAMP microseconds.
    typealias Bind = @Sendable (
        _ arguments: [Value], _ named: [String: Value], _ context: BindingContext
    ) throws(ZLError) -> BoundTable

    let description: FunctionDescription
    /// The function can be named without parentheses, as if it were a view (`information_schema.tables`).
    let isView: Bool
    /// Names of the arguments that are written `name => value`, in lower case.
    let namedArguments: [String]
    let bind: Bind

    init(
        _ name: String, aliases: [String] = [], isView: Bool = false, named: [String] = [], _ summary: String,
        example: String, bind: @escaping Bind
    ) {
        description = FunctionDescription(name, .table, aliases: aliases, summary, nullRule: .own, example: example)
        self.isView = isView
        namedArguments = named
        self.bind = bind
    }
}

/// Where the rows of a table function come from.
enum BoundTable: Sendable {
    case file(any FileScan)
    case rows(columns: [(name: String, type: DataType)], chunks: [DataChunk])
    /// `start`, `start + step`, ...: BIGINT, or TIMESTAMP in microseconds.
    case series(name: String, type: DataType, start: Int64, count: Int, step: Int64)
}

/// The table functions by lower-case name.
struct TableFunctionRegistry: Sendable {
    static let standard = TableFunctionRegistry(
        TableFunction.files + TableFunction.series + TableFunction.catalog + TableFunction.models)

    private var byName: [String: TableFunction] = [:]

    init(_ functions: [TableFunction]) {
        for function in functions { add(function) }
    }

    /// Adds a function, or puts it in the place of one of the same name.
    mutating func add(_ function: TableFunction) {
        for name in [function.description.name] + function.description.aliases { byName[name.nameKey] = function }
    }

    func function(_ name: String) -> TableFunction? { byName[name.nameKey] }

    /// The function that a table name without parentheses means.
    func view(_ name: String) -> TableFunction? {
        byName[name.nameKey].flatMap { $0.isView ? $0 : nil }
    }

    /// In alphabetical order, without aliases.
    var descriptions: [FunctionDescription] {
        byName.filter { $0.key == $0.value.description.name.nameKey }.values.map(\.description).sorted { $0.name < $1.name }
    }

    var names: [String] { byName.keys.sorted() }
}
