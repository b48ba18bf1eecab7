import ZLColumnar

/// Gathers window calls with the same PARTITION BY and ORDER BY that stand on top of each other into one operator, so that they
/// share one sort and one pass.
enum SharedWindows {
    static func apply(_ plan: LogicalPlan) throws(ZLError) -> LogicalPlan {
        var stack: [WindowNode] = []
        var child = plan
        while case .window(let node) = child {
            stack.append(node)
            child = node.child
        }
        guard !stack.isEmpty else { return try plan.mapChildren { (inner) throws(ZLError) in try apply(inner) } }
        var groups: [WindowNode] = []
        for node in stack.reversed() {
            if let place = groups.firstIndex(where: { $0.window.isSame(as: node.window) }), isFree(node, of: groups[place...]) {
                groups[place].calls += node.calls
            } else {
                groups.append(node)
            }
        }
        var result = try apply(child)
        for group in groups {
            var placed = group
            placed.child = result
            result = .window(placed)
        }
        return result
    }

    /// Whether no expression of the node reads a column that the others make.
    private static func isFree(_ node: WindowNode, of others: ArraySlice<WindowNode>) -> Bool {
        LogicalPlan.window(node).readColumns.isDisjoint(with: others.flatMap { $0.calls.map(\.id) })
    }
}
