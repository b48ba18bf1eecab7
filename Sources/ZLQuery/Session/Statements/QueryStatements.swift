import ZLColumnar

extension Session {
    func runQuery(_ query: Query) throws(ZLError) -> QueryResult {
        let bound = try optimized(query)
        var chunks: [DataChunk] = []
        try runWriting(bound.plan) { (chunk) throws(ZLError) in chunks.append(chunk) }
        return QueryResult(columns: bound.columns.map { ($0.name, $0.type) }, chunks: chunks)
    }

    /// EXPLAIN: the physical plan, a line an operator, children indented. ANALYZE runs it too and says how long it took.
    func explain(_ statement: Explain) throws(ZLError) -> QueryResult {
        if statement.mode == .lookahead { throw ZLError.notYet("EXPLAIN LOOKAHEAD", range: statement.statement.range) }
        guard case .query(let query) = statement.statement.kind else {
            throw ZLError.notYet("EXPLAIN of a statement that is no query", range: statement.statement.range)
        }
        let plan = try PhysicalPlanner.plan(optimized(query).plan)
        var lines = PlanText.lines(of: plan)
        if statement.mode == .analyze {
            let start = ContinuousClock.now
            var rowCount = 0
            try executor().run(plan) { rowCount += $0.rowCount }
            let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            lines.append("\(rowCount) rows in \(milliseconds) ms")
        }
        return .lines("plan", lines)
    }
}

/// A physical plan as text.
enum PlanText {
    static func lines(of plan: any PhysicalOperator) -> [String] {
        var lines: [String] = []
        append(plan, indent: 0, to: &lines)
        return lines
    }

    private static func append(_ plan: any PhysicalOperator, indent: Int, to lines: inout [String]) {
        lines.append(String(repeating: "  ", count: indent) + plan.title)
        for child in plan.children { append(child, indent: indent + 1, to: &lines) }
    }
}
