import ZLColumnar

/// The text of bound expressions in EXPLAIN. Columns are written as `#number`, or by name where names are given.
extension BoundExpression: CustomStringConvertible {
    var description: String { text([:]) }

    /// - Parameter names: what to call columns.
    func text(_ names: [ColumnID: String]) -> String {
        switch kind {
        case .constant(let value): BoundExpression.text(value, type)
        case .column(let id): names[id] ?? "#\(id.number)"
        case .call(let call): BoundExpression.text(call, names)
        case .cast(let operand, let isTry): "\(isTry ? "TRY_CAST" : "CAST")(\(operand.text(names)) AS \(type))"
        case .and(let operands): "(\(operands.map { $0.text(names) }.joined(separator: " AND ")))"
        case .or(let operands): "(\(operands.map { $0.text(names) }.joined(separator: " OR ")))"
        case .not(let operand): BoundExpression.negation(operand, names)
        case .isNull(let operand): "(\(operand.text(names)) IS NULL)"
        case .distinctFrom(let left, let right, let isNegated):
            "(\(left.text(names)) IS \(isNegated ? "NOT " : "")DISTINCT FROM \(right.text(names)))"
        case .conditional(let branches, let otherwise):
            "CASE"
                + branches.map { " WHEN \($0.condition.text(names)) THEN \($0.result.text(names))" }.joined()
                + (otherwise.map { " ELSE \($0.text(names))" } ?? "") + " END"
        case .inList(let operand, let candidates):
            "(\(operand.text(names)) IN (\(candidates.map { $0.text(names) }.joined(separator: ", "))))"
        case .predict(let model, _): "predict(\(model.name))"
        }
    }

    private static func negation(_ operand: BoundExpression, _ names: [ColumnID: String]) -> String {
        if case .isNull(let inner) = operand.kind { return "(\(inner.text(names)) IS NOT NULL)" }
        return "(NOT \(operand.text(names)))"
    }

    private static func text(_ call: BoundCall, _ names: [ColumnID: String]) -> String {
        let name = call.function.description.name
        let arguments = call.arguments.map { $0.text(names) }
        let isOperator = name.utf8.first.map { !($0 >= 97 && $0 <= 122) && $0 != 95 } ?? false
        if isOperator, arguments.count == 2 { return "(\(arguments[0]) \(name) \(arguments[1]))" }
        if isOperator, arguments.count == 1 { return "(\(name)\(arguments[0]))" }
        return "\(name)(\(arguments.joined(separator: ", ")))"
    }

    /// A constant as SQL.
    private static func text(_ value: Value, _ type: DataType) -> String {
        switch value {
        case .null: return "NULL"
        case .boolean(let flag): return flag ? "true" : "false"
        case .integer(let number): return number.description
        case .string(let text): return quoted(text)
        case .blob(let bytes): return "BLOB of \(bytes.count) bytes"
        case .decimal, .real, .double, .date, .ticks, .interval:
            let text = TextFormat.text(of: ColumnVector.constant(value, type: type, count: 1), row: 0)
            return type.isNumeric ? text : "\(type) \(quoted(text))"
        }
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}

extension SortKey: CustomStringConvertible {
    var description: String { text([:]) }

    func text(_ names: [ColumnID: String]) -> String {
        expression.text(names) + (isDescending ? " DESC" : "") + (nullsFirst ? " NULLS FIRST" : "")
    }
}

extension BoundAggregate: CustomStringConvertible {
    var description: String { text([:]) }

    func text(_ names: [ColumnID: String]) -> String {
        let name = function.description.name
        let list = arguments.map { $0.text(names) }.joined(separator: ", ")
        let order = orderBy.isEmpty ? "" : " ORDER BY \(orderBy.map { $0.text(names) }.joined(separator: ", "))"
        let condition = filter.map { " FILTER (WHERE \($0.text(names)))" } ?? ""
        let inner = arguments.isEmpty && name == "count" ? "*" : list
        return "\(name)(\(isDistinct ? "DISTINCT " : "")\(inner)\(order))\(condition)"
    }
}

extension BoundWindow: CustomStringConvertible {
    var description: String { text([:]) }

    func text(_ names: [ColumnID: String]) -> String {
        var parts: [String] = []
        if !partitionBy.isEmpty { parts.append("PARTITION BY \(partitionBy.map { $0.text(names) }.joined(separator: ", "))") }
        if !orderBy.isEmpty { parts.append("ORDER BY \(orderBy.map { $0.text(names) }.joined(separator: ", "))") }
        return parts.joined(separator: " ")
    }
}

extension BoundWindowCall: CustomStringConvertible {
    var description: String { text([:]) }

    func text(_ names: [ColumnID: String]) -> String {
        let list = arguments.map { $0.text(names) }.joined(separator: ", ")
        let condition = filter.map { " FILTER (WHERE \($0.text(names)))" } ?? ""
        let frameText = frameUse == .frame ? " \(frame.text(names))" : ""
        return "\(name)(\(list))\(condition)\(frameText)"
    }
}

extension BoundFrame {
    func text(_ names: [ColumnID: String]) -> String {
        "\(unit.rawValue) \(start.text(names)) TO \(end.text(names))"
            + (exclusion == .noOthers ? "" : " EXCLUDE \(exclusion.rawValue)")
    }
}

extension BoundFrameBound {
    func text(_ names: [ColumnID: String]) -> String {
        switch self {
        case .unboundedPreceding: "UNBOUNDED PRECEDING"
        case .preceding(let offset): "\(offset.text(names)) PRECEDING"
        case .currentRow: "CURRENT ROW"
        case .following(let offset): "\(offset.text(names)) FOLLOWING"
        case .unboundedFollowing: "UNBOUNDED FOLLOWING"
        }
    }
}
