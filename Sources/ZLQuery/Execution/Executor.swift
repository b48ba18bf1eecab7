import ZLColumnar

/// Runs plans.
struct Executor {
    let context: ExecutionContext

    init(_ context: ExecutionContext) { self.context = context }

    /// Calls `emit` with the result's chunks in order, on this thread. Columns are those of `plan.columns`, in order.
    func run(_ plan: LogicalPlan, emit: (DataChunk) throws -> Void) throws(ZLError) {
        try run(try PhysicalPlanner.plan(plan), emit: emit)
    }

    func run(_ plan: any PhysicalOperator, emit: (DataChunk) throws -> Void) throws(ZLError) {
        do {
            try plan.open(context).forEachInOrder(context) { batch in
                if batch.chunk.rowCount > 0 { try emit(batch.chunk) }
                return true
            }
        } catch let error as ZLError {
            throw error
        } catch {
            throw ZLError(.internal, "unexpected_error", "an operator failed with \(error)")
        }
    }

    func collect(_ plan: LogicalPlan) throws(ZLError) -> [DataChunk] {
        var chunks: [DataChunk] = []
        try run(plan) { chunks.append($0) }
        return chunks
    }

    /// The result as a table. Each thread puts the rows of the morsels it runs straight into the form in which tables keep them.
    func table(_ plan: LogicalPlan, types: [DataType]) throws(ZLError) -> TableData {
        do {
            let source = try PhysicalPlanner.plan(plan).open(context)
            if let table = source.table(columns: Array(types.indices)), table.types == types { return table }
            let count = source.morselCount
            // why: two morsels of a scan fill a huge page, but few morsels are for all threads
            let together = count >= 8 * context.threads ? 2 : 1
            let context = context
            let parts = try WorkerPool.shared.map(count: (count + together - 1) / together, threads: context.threads) { task throws(ZLError) in
                try Executor.pieces(of: source, task * together..<min(count, (task + 1) * together), types, context)
            }
            return try TableData(types: types, parts, threads: context.threads)
        } catch let error as ZLError {
            throw error
        } catch {
            throw ZLError(.internal, "unexpected_error", "an operator failed with \(error)")
        }
    }

    private static func pieces(
        of source: any BatchSource, _ morsels: Range<Int>, _ types: [DataType], _ context: ExecutionContext
    ) throws(ZLError) -> RowPieces {
        var builder = RowPieces.Builder(types: types)
        do {
            for morsel in morsels {
                try source.run(morsel: morsel) { batch in
                    try context.cancellation.check()
                    builder.append(batch.chunk)
                }
            }
        } catch let error as ZLError {
            throw error
        } catch {
            throw ZLError(.internal, "unexpected_error", "an operator failed with \(error)")
        }
        return builder.finish()
    }

    /// The value of an expression without columns.
    static func constant(_ expression: BoundExpression) throws(ZLError) -> Value {
        let row = DataChunk(columns: [], rowCount: 1)
        return try PhysicalExpression(expression, ColumnLayout([])).evaluate(row).value(at: 0)
    }
}
