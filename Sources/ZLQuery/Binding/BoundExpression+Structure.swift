import ZLColumnar
import ZLFunctions

/// The tree as a tree: children, rebuilding, equality, the columns it reads.
extension BoundExpression {
    /// A constant of a type.
    static func constant(_ value: Value, _ type: DataType, range: Range<Int>? = nil) -> BoundExpression {
        BoundExpression(.constant(value), type: type, range: range)
    }

    static func boolean(_ flag: Bool) -> BoundExpression { .constant(.boolean(flag), .boolean) }

    static func column(_ column: OutputColumn, range: Range<Int>? = nil) -> BoundExpression {
        BoundExpression(.column(column.id), type: column.type, range: range)
    }

    /// The conjunction of all of them; nil for none.
    static func conjunction(_ conjuncts: [BoundExpression]) -> BoundExpression? {
        guard let first = conjuncts.first else { return nil }
        return conjuncts.count == 1 ? first : BoundExpression(.and(conjuncts), type: .boolean)
    }

    /// The operands of AND, nested ones included; the expression itself where it is none.
    var conjuncts: [BoundExpression] {
        if case .and(let operands) = kind { return operands.flatMap(\.conjuncts) }
        return [self]
    }

    var constantValue: Value? {
        if case .constant(let value) = kind { return value }
        return nil
    }

    var columnID: ColumnID? {
        if case .column(let id) = kind { return id }
        return nil
    }

    /// The direct operands, in order.
    var children: [BoundExpression] {
        switch kind {
        case .constant, .column: []
        case .call(let call): call.arguments
        case .cast(let operand, _), .not(let operand), .isNull(let operand): [operand]
        case .and(let operands), .or(let operands): operands
        case .distinctFrom(let left, let right, _): [left, right]
        case .conditional(let branches, let otherwise):
            branches.flatMap { [$0.condition, $0.result] } + (otherwise.map { [$0] } ?? [])
        case .inList(let operand, let candidates): [operand] + candidates
        case .predict(_, let features): features
        }
    }

    /// The same node with each operand replaced.
    ///
    /// Recursion runs through here: the operands are taken out and put back by others, which keeps this frame small.
    func mapChildren(
        _ transform: (BoundExpression) throws(ZLError) -> BoundExpression
    ) throws(ZLError) -> BoundExpression {
        var operands = children
        if operands.isEmpty { return self }
        for index in operands.indices { operands[index] = try transform(operands[index]) }
        return replacingChildren(operands)
    }

    static func map(
        _ expressions: [BoundExpression], _ transform: (BoundExpression) throws(ZLError) -> BoundExpression
    ) throws(ZLError) -> [BoundExpression] {
        var mapped: [BoundExpression] = []
        mapped.reserveCapacity(expressions.count)
        for expression in expressions { mapped.append(try transform(expression)) }
        return mapped
    }

    /// The expression with columns replaced; a column without a replacement stays.
    func replacingColumns(_ replacements: [ColumnID: BoundExpression]) -> BoundExpression {
        if let id = columnID { return replacements[id] ?? self }
        var operands = children
        if operands.isEmpty { return self }
        for index in operands.indices { operands[index] = operands[index].replacingColumns(replacements) }
        return replacingChildren(operands)
    }

    /// The same node with `operands`, as many as `children`, in the place of its operands.
    private func replacingChildren(_ operands: [BoundExpression]) -> BoundExpression {
        var copy = self
        switch kind {
        case .constant, .column: break
        case .call(var call):
            call.arguments = operands
            copy.kind = .call(call)
        case .cast(_, let isTry): copy.kind = .cast(operands[0], isTry: isTry)
        case .not: copy.kind = .not(operands[0])
        case .isNull: copy.kind = .isNull(operands[0])
        case .and: copy.kind = .and(operands)
        case .or: copy.kind = .or(operands)
        case .distinctFrom(_, _, let isNegated): copy.kind = .distinctFrom(operands[0], operands[1], isNegated: isNegated)
        case .conditional(let branches, let otherwise):
            let mapped = branches.indices.map { BoundBranch(condition: operands[2 * $0], result: operands[2 * $0 + 1]) }
            copy.kind = .conditional(mapped, otherwise: otherwise == nil ? nil : operands[operands.count - 1])
        case .inList: copy.kind = .inList(operands[0], Array(operands.dropFirst()))
        case .predict(let model, _): copy.kind = .predict(model, operands)
        }
        return copy
    }

    /// Adds every column the expression reads.
    func collectColumns(into ids: inout Set<ColumnID>) {
        if let id = columnID { ids.insert(id) }
        for child in children { child.collectColumns(into: &ids) }
    }

    var columnIDs: Set<ColumnID> {
        var ids: Set<ColumnID> = []
        collectColumns(into: &ids)
        return ids
    }

    func contains(where predicate: (BoundExpression) -> Bool) -> Bool {
        predicate(self) || children.contains { $0.contains(where: predicate) }
    }

    /// Whether two evaluations over the same row may differ.
    var isVolatile: Bool {
        contains { if case .call(let call) = $0.kind { call.isVolatile } else { false } }
    }

    /// Whether evaluation gives a value on every row: columns, constants, comparisons and logic over them.
    var cannotFail: Bool {
        switch kind {
        case .call(let call):
            guard BoundExpression.comparisons.contains(call.function.description.name) else { return false }
        case .cast, .predict: return false
        default: break
        }
        return children.allSatisfy(\.cannotFail)
    }

    private static let comparisons: Set<String> = ["=", "!=", "<", "<=", ">", ">="]

    /// Number of nodes and the height; stops counting nodes at `limit`.
    func extent(limit: Int) -> (size: Int, height: Int) {
        var size = 1
        var height = 0
        for child in children where size < limit {
            let inner = child.extent(limit: limit - size)
            size += inner.size
            height = max(height, inner.height)
        }
        return (size, height + 1)
    }

    /// Whether both compute the same value on every row; where they stand in the text does not count. Volatile calls are
    /// never the same.
    func isSame(as other: BoundExpression) -> Bool {
        isSameNode(as: other) && BoundExpression.areSame(children, other.children)
    }

    /// `isSame`, operands left aside.
    private func isSameNode(as other: BoundExpression) -> Bool {
        guard type == other.type else { return false }
        switch (kind, other.kind) {
        case (.constant(let left), .constant(let right)): return left.isIdentical(to: right)
        case (.column(let left), .column(let right)): return left == right
        case (.call(let left), .call(let right)):
            return !left.isVolatile && left.function.description.name == right.function.description.name
                && left.signature == right.signature && left.overload.signatureText == right.overload.signatureText
        case (.cast(_, let left), .cast(_, let right)): return left == right
        case (.and, .and), (.or, .or), (.not, .not), (.isNull, .isNull), (.inList, .inList): return true
        case (.distinctFrom(_, _, let left), .distinctFrom(_, _, let right)): return left == right
        case (.conditional(let left, let leftLast), .conditional(let right, let rightLast)):
            return left.count == right.count && (leftLast == nil) == (rightLast == nil)
        case (.predict(let left, _), .predict(let right, _)): return left.name == right.name
        default: return false
        }
    }

    static func areSame(_ left: [BoundExpression], _ right: [BoundExpression]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
    }
}

extension BoundCall {
    /// `error` never gives a value, so two calls cannot differ; it is marked volatile only so that nobody calls it early.
    var isVolatile: Bool { function.isVolatile && !isError }

    var isError: Bool { function.description.name == "error" }
}

extension Value {
    /// Equality of bits: 0.0 and -0.0 differ, a NaN is itself.
    func isIdentical(to other: Value) -> Bool {
        switch (self, other) {
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.real(let left), .real(let right)): left.bitPattern == right.bitPattern
        default: self == other
        }
    }
}

extension SortKey {
    func isSame(as other: SortKey) -> Bool {
        isDescending == other.isDescending && nullsFirst == other.nullsFirst && expression.isSame(as: other.expression)
    }

    static func areSame(_ left: [SortKey], _ right: [SortKey]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
    }
}

extension BoundWindow {
    func isSame(as other: BoundWindow) -> Bool {
        BoundExpression.areSame(partitionBy, other.partitionBy) && SortKey.areSame(orderBy, other.orderBy)
    }
}

extension BoundAggregate {
    func isSame(as other: BoundAggregate) -> Bool {
        guard function.description.name == other.function.description.name, signature == other.signature,
            overload.signatureText == other.overload.signatureText, isDistinct == other.isDistinct,
            BoundExpression.areSame(arguments, other.arguments), SortKey.areSame(orderBy, other.orderBy)
        else { return false }
        switch (filter, other.filter) {
        case (nil, nil): return true
        case (let left?, let right?): return left.isSame(as: right)
        default: return false
        }
    }
}
