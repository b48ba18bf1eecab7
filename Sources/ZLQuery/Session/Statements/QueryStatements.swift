import ZLColumnar

extension Session {
    func runQuery(_ query: Query) throws(ZLError) -> QueryResult {
        let bound = try optimized(query)
        var chunks: [DataChunk] = []
        try runWriting(bound.plan) { (chunk) throws(ZLError) in chunks.append(chunk) }
        return QueryResult(columns: bound.columns.map { ($0.name, $0.type) }, chunks: chunks)
    }

    /// EXPLAIN: the physical plan, a line an operator, inputs indented. ANALYZE runs it too; each operator's rows and time follow it.
    func explain(_ statement: Explain) throws(ZLError) -> QueryResult {
        if statement.mode == .lookahead { throw ZLError.notYet("EXPLAIN LOOKAHEAD", range: statement.statement.range) }
        guard case .query(let query) = statement.statement.kind else {
            throw ZLError.notYet("EXPLAIN of a statement that is no query", range: statement.statement.range)
        }
        let plan = try PhysicalPlanner.plan(optimized(query).plan, measures: statement.mode == .analyze)
        guard statement.mode == .analyze else { return .lines("plan", PlanText.lines(of: plan)) }
        let start = ContinuousClock.now
        var rowCount = 0
        try executor().run(plan) { rowCount += $0.rowCount }
        let total = PlanText.milliseconds(Int((ContinuousClock.now - start) / .nanoseconds(1)))
        return .lines("plan", PlanText.lines(of: plan) + ["\(rowCount) rows in \(total)"])
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
        let children = plan.children
        var line = String(repeating: "  ", count: indent) + plan.title
        if let measured = plan as? Measured {
            let own = measured.measurement.own(without: children.compactMap { ($0 as? Measured)?.measurement })
            line += "  [\(measured.measurement.rowCount) rows, \(milliseconds(own))]"
        }
        lines.append(line)
        for child in children { append(child, indent: indent + 1, to: &lines) }
    }

    /// With one decimal.
    static func milliseconds(_ nanoseconds: Int) -> String {
        let tenths = (nanoseconds + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
