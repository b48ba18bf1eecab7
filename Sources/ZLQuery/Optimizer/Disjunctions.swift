import ZLColumnar

/// Takes out of an OR what holds in each of its branches, so that joins find keys and scans find conditions in there.
///
/// AND and OR of three-valued logic distribute and absorb, so the value stays the same. Only parts that cannot fail move: the
/// others may be guarded by what stands before them in their branch.
enum Disjunctions {
    /// `(a AND b) OR (a AND c)` as `a` and `b OR c`; any other condition as its conjuncts.
    static func factored(_ condition: BoundExpression) -> [BoundExpression] {
        condition.conjuncts.flatMap(factoredConjunct)
    }

    private static func factoredConjunct(_ condition: BoundExpression) -> [BoundExpression] {
        guard case .or(let operands) = condition.kind else { return [condition] }
        let branches = operands.map(\.conjuncts)
        // Each part of the first branch is held against all others.
        guard branches[0].count * branches.reduce(0, { $0 + $1.count }) <= Binder.maximumExpressionSize else { return [condition] }
        let common = branches[0].filter { part in
            part.cannotFail && branches.dropFirst().allSatisfy { branch in branch.contains { $0.isSame(as: part) } }
        }
        if common.isEmpty { return [condition] }
        let rest = branches.map { branch in branch.filter { part in !common.contains { $0.isSame(as: part) } } }
        let alternatives = rest.compactMap { BoundExpression.conjunction($0) }
        if alternatives.count == branches.count {
            return common + [BoundExpression(.or(alternatives), type: .boolean, range: condition.range)]
        }
        // A branch that is the common part alone makes the others' parts needless, unless these are there to fail.
        return alternatives.allSatisfy(\.cannotFail) ? common : [condition]
    }

    /// What an OR over two sides of a join says of the rows of one: each branch's parts that read that side alone. nil where
    /// a branch has none.
    static func implied(_ condition: BoundExpression, on side: Set<ColumnID>) -> BoundExpression? {
        guard case .or(let operands) = condition.kind else { return nil }
        var alternatives: [BoundExpression] = []
        for operand in operands {
            let parts = operand.conjuncts.filter { $0.cannotFail && SplitCondition.reads($0, only: side) }
            guard let alternative = BoundExpression.conjunction(parts) else { return nil }
            alternatives.append(alternative)
        }
        return BoundExpression(.or(alternatives), type: .boolean, range: condition.range)
    }
}
