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

    /// The value of an expression without columns.
    static func constant(_ expression: BoundExpression) throws(ZLError) -> Value {
        let row = DataChunk(columns: [], rowCount: 1)
        return try PhysicalExpression(expression, ColumnLayout([])).evaluate(row).value(at: 0)
    }
}
