/// The short canonical text of an expression: the name of an unnamed result column, and its text in EXPLAIN.
///
/// Names are those of DuckDB 2.0: `sum(x)`, `(a + b)`, `count_star()`, `CAST(a AS INTEGER)`. A column reference is called
/// after its last part. Intervals keep their SQL form. O(size of the expression).
extension Expression {
    /// The name of a result column without an alias.
    var columnName: String {
        switch kind {
        case .column(let parts): return parts.last?.text ?? ""
        case .columns: return "columns"
        case .call(let call) where call.window == nil && call.arguments.isEmpty:
            if Parser.bareFunctions.contains(call.name.last.lowercasedASCII) { return call.name.last.lowercasedASCII }
            return canonicalText
        default: return canonicalText
        }
    }

    /// The expression with one way to write each form, every operator in parentheses.
    var canonicalText: String {
        switch kind {
        case .literal(let literal): return literal.canonicalText
        case .interval(let amount, let unit): return "INTERVAL (\(amount.canonicalText)) \(unit.rawValue.uppercasedASCII)"
        case .column(let parts): return parts.map(\.canonicalText).joined(separator: ".")
        case .star(let star): return star.canonicalText
        case .columns(let selection, let unpacked): return "\(unpacked ? "*" : "")COLUMNS(\(selection.canonicalText))"
        case .parameter(let parameter): return parameter.canonicalText
        case .defaultValue: return "DEFAULT"
        case .unary(let operation, let operand): return Expression.unaryText(operation, operand)
        case .binary(let operation, let left, let right): return operatorText(left, operation.rawValue, right)
        case .and(let operands): return Expression.chainText(operands, "AND")
        case .or(let operands): return Expression.chainText(operands, "OR")
        case .concatenate(let operands): return Expression.leftChainText(operands, "||")
        case .comparison(let operation, let left, let right): return operatorText(left, operation.rawValue, right)
        case .distinctFrom(let left, let right, let isNegated):
            return operatorText(left, isNegated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", right)
        case .test(let test, let operand, let isNegated):
            return "(\(operand.canonicalText) IS \(isNegated ? "NOT " : "")\(test.rawValue))"
        case .conditional(let conditional): return conditional.canonicalText
        case .cast(let operand, let type, let isTry):
            return "\(isTry ? "TRY_CAST" : "CAST")(\(operand.canonicalText) AS \(type.canonicalText))"
        case .call(let call): return call.canonicalText
        default: return compoundText
        }
    }

    private func operatorText(_ left: Expression, _ operation: String, _ right: Expression) -> String {
        "(\(left.canonicalText) \(operation) \(right.canonicalText))"
    }

    private static func unaryText(_ operation: UnaryOperator, _ operand: Expression) -> String {
        switch operation {
        case .not: return "(NOT \(operand.canonicalText))"
        case .factorial: return "factorial(\(operand.canonicalText))"
        case .minus:
            if case .literal(let literal) = operand.kind, literal.isNumber { return "-\(literal.canonicalText)" }
            return "(-(\(operand.canonicalText)))"
        default: return "(\(operation.rawValue)(\(operand.canonicalText)))"
        }
    }

    private static func chainText(_ operands: [Expression], _ word: String) -> String {
        "(\(operands.map(\.canonicalText).joined(separator: " \(word) ")))"
    }

    /// `((a || b) || c)`
    private static func leftChainText(_ operands: [Expression], _ word: String) -> String {
        var text = String(repeating: "(", count: max(operands.count - 1, 0))
        for (index, operand) in operands.enumerated() {
            text += index == 0 ? operand.canonicalText : " \(word) \(operand.canonicalText))"
        }
        return text
    }

    /// Membership, patterns, subqueries, lists, structs, lambdas.
    private var compoundText: String {
        switch kind {
        case .between(let operand, let low, let high, let isNegated):
            let text = "(\(operand.canonicalText) BETWEEN \(low.canonicalText) AND \(high.canonicalText))"
            return Expression.negated(text, isNegated)
        case .inList(let operand, let values, let isNegated):
            return Expression.negated("(\(operand.canonicalText) IN (\(values.canonicalText)))", isNegated)
        case .inQuery(let operand, _, let isNegated):
            return Expression.negated("(\(operand.canonicalText) = ANY(SELECT ...))", isNegated)
        case .inExpression(let operand, let list, let isNegated):
            return Expression.negated("contains(\(list.canonicalText), \(operand.canonicalText))", isNegated)
        case .match(let pattern, let operand, let text, let escape, let isNegated):
            return Expression.matchText(pattern, operand, text, escape, isNegated)
        case .subquery: return "(SELECT ...)"
        case .exists: return "EXISTS(SELECT ...)"
        case .arrayQuery: return "ARRAY(SELECT ...)"
        case .quantified(let operation, let operand, let quantifier, _):
            return "(\(operand.canonicalText) \(operation.rawValue) \(quantifier.rawValue)(SELECT ...))"
        case .quantifiedExpression(let operation, let operand, let quantifier, let list):
            return "(\(operand.canonicalText) \(operation.rawValue) \(quantifier.rawValue)(\(list.canonicalText)))"
        case .list(let elements): return "list_value(\(elements.canonicalText))"
        case .row(let elements): return "\"row\"(\(elements.canonicalText))"
        case .structure(let entries):
            let fields = entries.map { "\($0.name.canonicalText) := \($0.value.canonicalText)" }
            return "struct_pack(\(fields.joined(separator: ", ")))"
        case .map(let keys, let values):
            return "\"map\"(list_value(\(keys.canonicalText)), list_value(\(values.canonicalText)))"
        case .comprehension(let result, let variable, let source, let condition):
            let filter = condition.map { " IF \($0.canonicalText)" } ?? ""
            return "[\(result.canonicalText) FOR \(variable.canonicalText) IN \(source.canonicalText)\(filter)]"
        case .element(let operand, let index): return "\(operand.canonicalText)[\(index.canonicalText)]"
        case .slice(let operand, let lower, let upper, let step):
            let end = step.map { ":\($0.canonicalText)" } ?? ""
            return "\(operand.canonicalText)[\(lower?.canonicalText ?? ""):\(upper?.canonicalText ?? "")\(end)]"
        case .field(let operand, let name): return "(\(operand.canonicalText)).\(name.canonicalText)"
        case .lambda(let parameters, let body):
            return "(lambda \(parameters.map(\.canonicalText).joined(separator: ", ")): \(body.canonicalText))"
        case .collate(let operand, let name): return "\(operand.canonicalText) COLLATE \(name.text)"
        default: return ""
        }
    }

    private static func negated(_ text: String, _ isNegated: Bool) -> String { isNegated ? "(NOT \(text))" : text }

    private static func matchText(
        _ kind: PatternKind, _ operand: Expression, _ pattern: Expression, _ escape: Expression?, _ isNegated: Bool
    ) -> String {
        let left = operand.canonicalText
        let right = pattern.canonicalText
        let negation = isNegated ? "!" : ""
        if let escape {
            let function = kind == .ilike ? "ilike_escape" : "like_escape"
            return "\(isNegated ? "not_" : "")\(function)(\(left), \(right), \(escape.canonicalText))"
        }
        switch kind {
        case .like: return "(\(left) \(negation)~~ \(right))"
        case .ilike: return "(\(left) \(negation)~~* \(right))"
        case .glob: return negated("(\(left) ~~~ \(right))", isNegated)
        case .similar: return negated("regexp_full_match(\(left), \(right))", isNegated)
        case .regularExpression: return negated("regexp_matches(\(left), \(right))", isNegated)
        }
    }
}

extension [Expression] {
    /// The elements with commas between them.
    var canonicalText: String { map(\.canonicalText).joined(separator: ", ") }
}

extension Identifier {
    /// The name, quoted where it would not read back without quotes.
    var canonicalText: String {
        let bytes = Array(text.utf8)
        let isPlain = bytes.first.map(Lexer.startsName) ?? false
        if isPlain, bytes.allSatisfy({ Lexer.continuesName($0) && $0 < 128 }) {
            let keyword = Keyword(word: bytes[...])
            if keyword?.isReserved != true, keyword?.isJoinWord != true { return text }
        }
        let doubled = text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        return "\"\(doubled)\""
    }
}

extension Literal {
    var isNumber: Bool {
        switch self {
        case .integer, .decimal, .double: true
        default: false
        }
    }

    var canonicalText: String {
        switch self {
        case .null: return "NULL"
        case .boolean(let value): return value ? "true" : "false"
        case .integer(let text), .decimal(let text), .double(let text): return text
        case .string(let text): return Literal.quoted(text)
        case .blob(let bytes): return "X'\(bytes.map { Lexer.hexadecimal($0).dropFirst(2) }.joined())'"
        case .typed(let type, let text): return "CAST(\(Literal.quoted(text)) AS \(type))"
        case .interval(let text, let unit):
            return "INTERVAL \(Literal.quoted(text))" + (unit.map { " \($0.rawValue.uppercasedASCII)" } ?? "")
        }
    }

    /// The text in single quotes, those inside it doubled.
    static func quoted(_ text: String) -> String {
        "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
    }
}

extension Parameter {
    var canonicalText: String {
        switch self {
        case .next(let number), .position(let number): "$\(number)"
        case .name(let name): "$\(name)"
        }
    }
}

extension Star {
    var canonicalText: String {
        var text = (qualifier.map(\.canonicalText) + ["*"]).joined(separator: ".")
        if !exclude.isEmpty {
            let columns = exclude.map { $0.map(\.canonicalText).joined(separator: ".") }
            text += " EXCLUDE (\(columns.joined(separator: ", ")))"
        }
        if !replace.isEmpty {
            let columns = replace.map { "\($0.expression.canonicalText) AS \($0.name.canonicalText)" }
            text += " REPLACE (\(columns.joined(separator: ", ")))"
        }
        if !rename.isEmpty {
            let columns = rename.map { entry in
                "\(entry.column.map(\.canonicalText).joined(separator: ".")) AS \(entry.name.canonicalText)"
            }
            text += " RENAME (\(columns.joined(separator: ", ")))"
        }
        if let pattern {
            text += " \(pattern.isNegated ? "NOT " : "")\(pattern.kind.rawValue) \(Literal.quoted(pattern.pattern))"
        }
        return text
    }
}

extension Conditional {
    /// `CASE a WHEN b` reads `CASE  WHEN ((a = b))`, with DuckDB's two blanks.
    var canonicalText: String {
        var text = "CASE "
        for branch in branches {
            let condition = branch.condition.canonicalText
            let test = operand.map { "(\($0.canonicalText) = \(condition))" } ?? condition
            text += " WHEN (\(test)) THEN (\(branch.result.canonicalText))"
        }
        return text + " ELSE \(otherwise?.canonicalText ?? "NULL") END"
    }
}

extension TypeName {
    /// The type in upper case with DuckDB's names for the standard's aliases.
    var canonicalText: String {
        switch kind {
        case .named(let name, let parameters):
            let shown = TypeName.canonicalNames[name] ?? name
            return parameters.isEmpty ? shown : "\(shown)(\(parameters.map(String.init).joined(separator: ", ")))"
        case .list(let element): return "\(element.canonicalText)[]"
        case .array(let element, let count): return "\(element.canonicalText)[\(count)]"
        case .structure(let fields): return "STRUCT(\(TypeName.fieldText(fields)))"
        case .union(let fields): return "UNION(\(TypeName.fieldText(fields)))"
        case .map(let key, let value): return "MAP(\(key.canonicalText), \(value.canonicalText))"
        case .enumeration(let labels): return "ENUM(\(labels.map(Literal.quoted).joined(separator: ", ")))"
        }
    }

    private static func fieldText(_ fields: [FieldDefinition]) -> String {
        fields.map { "\($0.name.canonicalText) \($0.type.canonicalText)" }.joined(separator: ", ")
    }

    private static let canonicalNames: [String: String] = [
        "INT": "INTEGER", "DOUBLE PRECISION": "DOUBLE", "CHARACTER VARYING": "VARCHAR", "CHAR": "VARCHAR", "NUMERIC": "DECIMAL",
        "DEC": "DECIMAL", "CHARACTER": "VARCHAR", "REAL": "FLOAT",
    ]
}

extension FunctionCall {
    var canonicalText: String {
        let isCountOfRows = isCountStar
        var text = isCountOfRows ? "count_star()" : "\(nameText)(\(argumentText))"
        if !withinGroup.isEmpty { text += " WITHIN GROUP (\(withinGroup.canonicalText))" }
        if let filter { text += " FILTER (WHERE \(filter.canonicalText))" }
        switch window {
        case .name(let name)?: text += " OVER \(name.canonicalText)"
        case .definition(let definition)?: text += " OVER (\(definition.canonicalText))"
        case nil: break
        }
        return text
    }

    /// `count(*)`, `count()`
    private var isCountStar: Bool {
        guard name.parts.count == 1, name.last.lowercasedASCII == "count", !isDistinct, arguments.count <= 1 else { return false }
        guard let first = arguments.first else { return true }
        guard case .star(let star) = first.value.kind else { return false }
        return star.qualifier.isEmpty
    }

    /// The name in lower case, in quotes where DuckDB's keyword list has it.
    private var nameText: String {
        let lower = name.parts.map { $0.text.lowercasedASCII }
        guard name.parts.count == 1, let only = lower.first else { return lower.joined(separator: ".") }
        switch only {
        case "coalesce", "ifnull": return "COALESCE"
        case "grouping": return "GROUPING"
        default: return FunctionCall.quotedNames.contains(only) ? "\"\(only)\"" : only
        }
    }

    private var argumentText: String {
        var text = isDistinct ? "DISTINCT " : ""
        let shown = arguments.map { argument in
            (argument.name.map { "\($0.canonicalText) := " } ?? "") + argument.value.canonicalText
        }
        text += shown.joined(separator: ", ")
        if !orderBy.isEmpty { text += " \(orderBy.canonicalText)" }
        if let nullTreatment { text += " \(nullTreatment.rawValue)" }
        return text
    }

    /// Functions whose names DuckDB 2.0 prints in quotes, since they are keywords of its grammar.
    private static let quotedNames: Set<String> = [
        "add", "aggregate", "century", "checkpoint", "day", "decade", "error", "filter", "first", "functions", "glob",
        "hour", "if", "json", "last", "left", "map", "microsecond", "millennium", "millisecond", "minute", "mode",
        "month", "nullif", "overlay", "position", "quarter", "range", "replace", "right", "row", "second", "show",
        "substring", "trim", "user", "version", "week", "year",
    ]
}

extension [OrderItem] {
    /// `ORDER BY a DESC NULLS LAST, b`
    var canonicalText: String {
        let items = map { item in
            var text = item.expression.canonicalText
            if let direction = item.direction { text += " \(direction.rawValue)" }
            if let nulls = item.nulls { text += " \(nulls.rawValue)" }
            return text
        }
        return "ORDER BY \(items.joined(separator: ", "))"
    }
}

extension WindowDefinition {
    var canonicalText: String {
        var parts: [String] = []
        if let base { parts.append(base.canonicalText) }
        if !partitionBy.isEmpty { parts.append("PARTITION BY \(partitionBy.canonicalText)") }
        if !orderBy.isEmpty { parts.append(orderBy.canonicalText) }
        if let frame { parts.append(frame.canonicalText) }
        return parts.joined(separator: " ")
    }
}

extension WindowFrame {
    var canonicalText: String {
        let text = "\(unit.rawValue) BETWEEN \(start.canonicalText) AND \(end.canonicalText)"
        return exclusion == .noOthers ? text : "\(text) EXCLUDE \(exclusion.rawValue)"
    }
}

extension FrameBound {
    var canonicalText: String {
        switch self {
        case .unboundedPreceding: "UNBOUNDED PRECEDING"
        case .preceding(let distance): "\(distance.canonicalText) PRECEDING"
        case .currentRow: "CURRENT ROW"
        case .following(let distance): "\(distance.canonicalText) FOLLOWING"
        case .unboundedFollowing: "UNBOUNDED FOLLOWING"
        }
    }
}
