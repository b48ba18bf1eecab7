import Glibc
import ZLColumnar

/// One conversation with a database: runs statements one after the other, and keeps settings, variables and the open transaction.
///
///     let session = Session(try Database(path: "zl.db"))
///     let result = try session.execute("SELECT symbol, count(*) FROM bars GROUP BY symbol")
///     for row in 0..<result.rowCount { print(result.text(row: row, column: 0) ?? "NULL") }
///
/// A session is used from one thread at a time; `interrupter` works from any thread and from a signal handler. A failed statement
/// leaves the database, settings and variables as they were.
public final class Session {
    public let database: Database
    public let interrupter: Interrupter
    /// Takes the log lines of training and of readers of files, from any thread, one at a time.
    let log: @Sendable (String) -> Void

    var settings = Settings()
    /// By lower-case name.
    var variables: [String: (value: Value, type: DataType)] = [:]
    /// The catalog as the running statement or the open transaction sees and changes it.
    var catalog: Catalog {
        didSet { hasChanges = true }
    }
    /// `catalog` is not what is committed.
    private var hasChanges = false
    /// The text that the running statement's ranges count in.
    private(set) var statementSource: [UInt8] = []
    /// BEGIN was run and neither COMMIT nor ROLLBACK since.
    var isInTransaction = false
    /// When the transaction began, for now(): microseconds since 1970, UTC.
    private var startTime: Int64 = 0
    let models = ModelCache()
    let keyTables = KeyTables()

    public init(
        _ database: Database, interrupter: Interrupter = Interrupter(), log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.database = database
        self.interrupter = interrupter
        self.log = log
        catalog = database.store.snapshot
    }

    /// Runs the statements of a text and gives the last one's result.
    ///
    /// - Throws: `ZLError` with a range in UTF-8 offsets of `text`. Statements before the failed one stay done; a syntax error anywhere
    ///   keeps all from running.
    @discardableResult
    public func execute(_ text: String) throws(ZLError) -> QueryResult {
        var result = QueryResult()
        for statement in try parse(text) { result = try run(statement) }
        return result
    }

    /// Runs the statements of a text and writes each result; rows of a query are written as they come.
    public func stream(_ text: String, as format: ResultFormat, to output: DescriptorOutput) throws(ZLError) {
        for statement in try parse(text) {
            if case .query(let query) = statement.kind, statement.parameterCount == 0 {
                try atomically { () throws(ZLError) in
                    let bound = try optimized(query)
                    let writer = ResultWriter(format, columns: bound.columns.map { ($0.name, $0.type) }, output)
                    try writer.begin()
                    try runWriting(bound.plan) { (chunk) throws(ZLError) in try writer.write(chunk) }
                    try writer.end()
                }
            } else {
                try run(statement).write(to: output, as: format)
            }
        }
    }

    private func parse(_ text: String) throws(ZLError) -> [Statement] {
        statementSource = Array(text.utf8)
        return try Parser.parseScript(statementSource)
    }

    /// `SET VARIABLE name = 'text'`
    public func setVariable(_ name: String, text: String) {
        variables[name.lowercasedASCII] = (.string(text), .varchar)
    }

    /// `SET threads = n`
    public func setThreads(_ threads: Int) { settings.threads = max(1, threads) }

    /// The statements that make the tables and views of a name, or all, in the order in which they can be run.
    public func definitions(of name: String? = nil) -> [String] { catalog.definitions(of: name) }

    /// Throws away an open transaction and writes what is committed to its place in the file.
    public func close() throws(ZLError) {
        isInTransaction = false
        try database.checkpoint()
    }
}

// MARK: One statement

extension Session {
    /// Runs a statement as a whole: all of it, or nothing of it.
    func run(_ statement: Statement) throws(ZLError) -> QueryResult {
        guard statement.parameterCount == 0 else { throw ZLError.notYet("a statement with parameters", range: statement.range) }
        return try atomically { () throws(ZLError) in try perform(statement) }
    }

    /// Runs `body` on the newest catalog or in the open transaction; commits what it changed, or takes it back if it throws.
    func atomically<R>(_ body: () throws(ZLError) -> R) throws(ZLError) -> R {
        interrupter.flag.reset()
        if !isInTransaction {
            catalog = database.store.snapshot
            hasChanges = false
            startTime = Session.now()
        }
        let before = (catalog, hasChanges, isInTransaction, settings)
        do {
            let result = try body()
            if !isInTransaction, hasChanges {
                try database.store.commit(catalog)
                hasChanges = false
            }
            return result
        } catch {
            (catalog, hasChanges, isInTransaction, settings) = before
            throw error
        }
    }

    /// The catalog is again what is committed.
    func discardChanges() {
        catalog = database.store.snapshot
        hasChanges = false
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    var startTimeMicroseconds: Int64 { startTime }
}

// MARK: Binding and running

extension Session {
    var bindingContext: BindingContext {
        let catalog = catalog
        let models = models
        return BindingContext(
            catalog: catalog, settings: settings, variables: variables,
            model: { (name) throws(ZLError) in try models.model(named: name, in: catalog) },
            modelNames: catalog.entries.filter { $0.kind == .model }.map(\.name), startTimeMicroseconds: startTime,
            cancellation: interrupter.flag, log: log)
    }

    func makeBinder() -> Binder { Binder(bindingContext) }

    func executor() -> Executor {
        Executor(ExecutionContext(threads: settings.threads, cancellation: interrupter.flag))
    }

    /// A query ready to run.
    func optimized(_ query: Query) throws(ZLError) -> BoundQuery {
        var binder = makeBinder()
        return try Optimizer.optimize(try binder.bind(query), settings: settings)
    }

    /// A plan made by the session itself, ready to run.
    func optimized(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        try Optimizer.optimize(BoundQuery(plan: plan, columns: plan.columns), settings: settings).plan
    }

    /// Runs a plan and hands on its chunks in order.
    func runWriting(_ plan: LogicalPlan, _ body: (DataChunk) throws(ZLError) -> Void) throws(ZLError) {
        try executor().run(plan) { chunk in try body(chunk) }
    }

    /// A value without rows: options, paths, SET.
    func constant(_ expression: Expression) throws(ZLError) -> (value: Value, type: DataType) {
        var binder = makeBinder()
        return try binder.constant(expression)
    }

    /// A file's name, from a literal or an expression.
    func path(_ expression: Expression) throws(ZLError) -> String {
        guard case .string(let path) = try constant(expression).value, !path.isEmpty else {
            throw ZLError(
                .binding, "invalid_path", "expected the name of a file as a text that is neither NULL nor empty",
                range: expression.range)
        }
        return path
    }

    /// Runs `body` on text that is not the statement's: ranges in its errors would point at the wrong place.
    func withoutRange<R>(_ body: () throws(ZLError) -> R) throws(ZLError) -> R {
        do { return try body() } catch {
            var bare = error
            bare.range = nil
            throw bare
        }
    }
}
