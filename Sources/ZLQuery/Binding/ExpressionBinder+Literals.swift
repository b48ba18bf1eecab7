import ZLColumnar
import ZLFunctions

/// Constants in the text, typed as DuckDB types them.
extension Binder {
    func bindLiteral(_ expression: Expression) throws(ZLError) -> BoundExpression {
        guard case .literal(let literal) = expression.kind else { throw Binder.misrouted }
        let range = place(expression.range)
        switch literal {
        case .null: return .constant(.null, .null, range: range)
        case .boolean(let flag): return .constant(.boolean(flag), .boolean, range: range)
        case .integer(let digits): return try bindInteger(digits, isNegative: false, range)
        case .decimal(let digits): return try bindDecimal(digits, isNegative: false, range)
        case .double(let digits): return try bindDouble(digits, isNegative: false, range)
        case .string(let text): return .constant(.string(text), .varchar, range: range)
        case .blob(let bytes): return .constant(.blob(bytes), .blob, range: range)
        case .typed(let name, let text):
            let type = try Binder.type(TypeName(kind: .named(name, parameters: []), range: expression.range))
            return try convert(text, to: type, range)
        case .interval(let text, let unit):
            return try convert(unit.map { "\(text) \($0.rawValue)" } ?? text, to: .interval, range)
        }
    }

    /// `-` before a number belongs to the number, so that the least integers can be written.
    func bindNegative(_ literal: Literal, _ sourceRange: Range<Int>) throws(ZLError) -> BoundExpression? {
        let range = place(sourceRange)
        switch literal {
        case .integer(let digits): return try bindInteger(digits, isNegative: true, range)
        case .decimal(let digits): return try bindDecimal(digits, isNegative: true, range)
        case .double(let digits): return try bindDouble(digits, isNegative: true, range)
        default: return nil
        }
    }

    /// INTEGER, BIGINT or HUGEINT, the first that holds the value; beyond them DOUBLE.
    private func bindInteger(
        _ digits: String, isNegative: Bool, _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        guard let value = Int128(isNegative ? "-" + digits : digits) else {
            return try bindDouble(digits, isNegative: isNegative, range)
        }
        let candidates: [DataType] = [.integer, .bigint]
        let type = candidates.first { $0.integerRange?.contains(value) ?? false } ?? .hugeint
        return .constant(.integer(value), type, range: range)
    }

    /// DECIMAL with as many digits as are written; beyond 38 DOUBLE.
    private func bindDecimal(
        _ text: String, isNegative: Bool, _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let digits = parts.joined()
        let scale = parts.count > 1 ? parts[1].utf8.count : 0
        let precision = max(digits.utf8.count, 1)
        guard precision <= 38, let unscaled = Int128(digits.isEmpty ? "0" : digits) else {
            return try bindDouble(text, isNegative: isNegative, range)
        }
        return .constant(
            .decimal(isNegative ? -unscaled : unscaled), .decimal(precision: UInt8(precision), scale: UInt8(scale)),
            range: range)
    }

    private func bindDouble(
        _ text: String, isNegative: Bool, _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        guard let value = Double(text.hasSuffix(".") ? text + "0" : text) else {
            throw ZLError(.syntax, "bad_number", "\"\(text)\" is no number", range: range)
        }
        return .constant(.double(isNegative ? -value : value), .double, range: range)
    }

    /// `DATE 'text'`: what cannot be read is an error at once.
    private func convert(_ text: String, to type: DataType, _ range: Range<Int>?) throws(ZLError) -> BoundExpression {
        if type == .varchar { return .constant(.string(text), .varchar, range: range) }
        let cast = BoundExpression(.cast(.constant(.string(text), .varchar), isTry: false), type: type, range: range)
        return .constant(try ConstantFolding.value(of: cast), type, range: range)
    }

    /// `INTERVAL (n + 1) DAY`: n times the unit.
    mutating func bindInterval(
        _ expression: Expression, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard case .interval(let count, let unit) = expression.kind else { throw Binder.misrouted }
        let range = place(expression.range)
        let one = try convert("1 \(unit.rawValue)", to: .interval, range)
        return try call("*", [one, try bind(count, &environment)], range: range)
    }
}
