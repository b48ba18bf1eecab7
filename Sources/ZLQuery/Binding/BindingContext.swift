import ZLColumnar

/// What binding needs to know beside the statement: a value that the session makes for each statement.
struct BindingContext: Sendable {
    /// A snapshot.
    var catalog: Catalog
    var settings = Settings()
    /// SET VARIABLE: by lower-case name.
    var variables: [String: (value: Value, type: DataType)] = [:]
    /// The stored model of a name, for `predict`.
    var model: @Sendable (String) throws(ZLError) -> (any RowModel & ModelSignature)? = { (_) throws(ZLError) in nil }
    /// The names of the stored models, for messages and tables about models.
    var modelNames: [String] = []
    var tableFunctions: TableFunctionRegistry = .standard
    /// UTC microseconds since 1970 when the transaction began: now() and current_date.
    var startTimeMicroseconds: Int64
    /// Schemas in which a bare table name is looked up.
    var searchPath: [String] = ["main"]
    /// Stops readers that look through whole files while they are opened.
    var cancellation = CancellationFlag()
    /// Takes what readers found odd in files and the user should know, a line each.
    var log: @Sendable (String) -> Void = { _ in }
}

/// What binding needs to know of a model: which columns it reads.
protocol ModelSignature: Sendable {
    /// Names of the features, in the model's order.
    var featureNames: [String] { get }

    /// The model cut off after `iterations` rounds, under a name of its own.
    func limited(to iterations: Int) throws(ZLError) -> any RowModel
}
