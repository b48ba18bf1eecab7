import ZLColumnar
import ZLFunctions

/// Calls that the binder answers itself, because they need types, settings, variables or models.
extension Binder {
    /// The bound call, or nil where the name is none of these.
    mutating func bindSpecialCall(
        _ name: String, _ call: FunctionCall, _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression? {
        switch name {
        case "predict":
            return try bindPredict(call, range, &environment)
        case "coalesce", "ifnull", "nullif", "if", "iff", "typeof", "pg_typeof", "getvariable", "current_setting":
            let arguments = try bind(call.arguments.map(\.value), &environment)
            return try bindTyped(name, arguments, range)
        case "now", "current_timestamp", "transaction_timestamp", "get_current_timestamp", "current_date", "today", "localtimestamp",
            "current_localtimestamp":
            guard call.arguments.isEmpty else { return nil }
            return startTime(name, range)
        case "current_schema", "current_database", "current_catalog", "current_user", "user", "session_user":
            guard call.arguments.isEmpty else { return nil }
            return .constant(.string(sessionName(name)), .varchar, range: range)
        case "grouping", "grouping_id":
            throw ZLError.notYet("GROUPING()", range: range)
        case "nextval", "currval":
            throw ZLError.notYet("sequences", range: range)
        case "timezone":
            throw ZLError.notYet("AT TIME ZONE", range: range)
        default:
            return nil
        }
    }

    private func bindTyped(
        _ name: String, _ arguments: [BoundExpression], _ range: Range<Int>?
    ) throws(ZLError) -> BoundExpression {
        switch name {
        case "coalesce": return try coalesce(arguments, range: range)
        case "ifnull":
            try checkCount(arguments, 2...2, name, range)
            return try coalesce(arguments, range: range)
        case "nullif": return try nullIf(arguments, range: range)
        case "if", "iff": return try ifElse(arguments, range: range)
        case "getvariable":
            try checkCount(arguments, 1...1, name, range)
            guard case .string(let variable) = try constantArgument(arguments[0], "the variable's name") else {
                throw ZLError(.binding, "type_mismatch", "getvariable takes the variable's name as text", range: range)
            }
            guard let found = context.variables[variable.nameKey] else { return .constant(.null, .null, range: range) }
            return .constant(found.value, found.type, range: range)
        case "current_setting":
            throw ZLError.notYet("current_setting", range: range)
        default:
            try checkCount(arguments, 1...1, name, range)
            return .constant(.string(arguments[0].type.description), .varchar, range: range)
        }
    }

    /// now() and its siblings: one instant for the whole statement, UTC.
    private func startTime(_ name: String, _ range: Range<Int>?) -> BoundExpression {
        let microseconds = context.startTimeMicroseconds
        switch name {
        case "current_date", "today":
            let day: Int64 = 86_400_000_000
            let days = microseconds >= 0 ? microseconds / day : (microseconds - day + 1) / day
            return .constant(.date(Int32(clamping: days)), .date, range: range)
        case "localtimestamp", "current_localtimestamp":
            return .constant(.ticks(microseconds), .timestamp, range: range)
        default:
            return .constant(.ticks(microseconds), .timestampTZ, range: range)
        }
    }

    private func sessionName(_ function: String) -> String {
        switch function {
        case "current_schema": context.searchPath.first ?? "main"
        case "current_database", "current_catalog": "memory"
        default: "zlsql"
        }
    }

    /// `predict(model [, iterations => k])`: the features are the columns of FROM of the same names.
    private mutating func bindPredict(
        _ call: FunctionCall, _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        guard let first = call.arguments.first, first.name == nil else {
            throw ZLError(.binding, "argument_count", "predict takes the name of a model", range: range)
        }
        let name: String
        switch first.value.kind {
        case .column(let parts) where parts.count == 1: name = parts[0].text
        case .literal(.string(let text)): name = text
        default:
            throw ZLError(
                .binding, "unknown_model", "predict takes the name of a model, not an expression", range: place(first.value.range))
        }
        guard let stored = try context.model(name) else {
            throw ZLError(
                .binding, "unknown_model", "there is no model \"\(name)\"",
                hint: NearestName.hint(name, among: context.modelNames), range: place(first.value.range))
        }
        var model: any RowModel = stored
        for argument in call.arguments.dropFirst() {
            guard let label = argument.name, label.text.isSameName(as: "iterations") else {
                throw ZLError(
                    .binding, "named_argument", "predict takes one model and iterations => k", range: place(argument.value.range))
            }
            let bound = try bind(argument.value, &environment)
            guard case .integer(let count) = try constantArgument(bound, "iterations"), count > 0, count <= Int128(Int.max)
            else {
                throw ZLError(.binding, "bad_argument", "iterations must be a whole number above 0", range: bound.range)
            }
            model = try stored.limited(to: Int(count))
        }
        var features: [BoundExpression] = []
        for feature in stored.featureNames {
            features.append(try bindFeature(feature, of: name, range, &environment))
        }
        return BoundExpression(.predict(model, features), type: .double, range: range)
    }

    private mutating func bindFeature(
        _ feature: String, of model: String, _ range: Range<Int>?, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let parts = [Identifier(feature, range: 0..<0)]
        switch environment.scope.match(parts) {
        case .one(let found):
            guard found.type.isNumeric || found.type == .boolean || found.type == .null else {
                throw ZLError(
                    .binding, "type_mismatch",
                    "the model \"\(model)\" needs a number for its feature \"\(feature)\", the column is \(found.type)",
                    range: range)
            }
            return try cast(found, to: .double)
        case .several(let places):
            throw Scope.ambiguousColumn(parts, places, range: range)
        case .none:
            let names = environment.scope.outputColumns.map(\.name)
            throw ZLError(
                .binding, "unknown_column", "the model \"\(model)\" needs a column \"\(feature)\", which FROM does not give",
                hint: NearestName.hint(feature, among: names), range: range)
        }
    }
}
