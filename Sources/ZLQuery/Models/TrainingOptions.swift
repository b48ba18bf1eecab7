import ZLBoost
import ZLColumnar

/// The clauses of TRAIN BOOSTED in the boosting module's terms.
enum TrainingOptions {
    /// The parameters of WITH (...).
    static func parameters(_ statement: TrainBoosted) throws(ZLError) -> BoostParameters {
        let settings = statement.parameters.map { ParameterSetting(name: $0.name.text, value: text(of: $0.value)) }
        do { return try BoostParameters(settings) } catch {
            throw error.at(blamed(statement, error))
        }
    }

    /// The first parameter that is wrong by itself, else the second of two that contradict each other.
    private static func blamed(_ statement: TrainBoosted, _ error: ZLError) -> Range<Int>? {
        for parameter in statement.parameters {
            let setting = ParameterSetting(name: parameter.name.text, value: text(of: parameter.value))
            do { _ = try BoostParameters([setting]) } catch {
                return error.code == "unknown_parameter" || error.code == "unsupported_parameter"
                    ? parameter.name.range : parameter.valueRange
            }
        }
        return statement.parameters.last?.name.range
    }

    private static func text(of value: ModelParameterValue) -> String {
        switch value {
        case .number(let text), .string(let text), .word(let text): text
        case .boolean(let flag): "\(flag)"
        case .list(let values): values.map(text).joined(separator: ",")
        }
    }

    /// The PURGE of a VALIDATE clause.
    static func purge(_ validation: ModelValidation) throws(ZLError) -> Int {
        switch validation.purge {
        case .values(let count, _)?: return count
        case .auto(let range)?: throw missingPurge(range)
        case nil: throw missingPurge(validation.range)
        }
    }

    private static func missingPurge(_ range: Range<Int>) -> ZLError {
        ZLError(
            .binding, "purge_required", "PURGE AUTO needs look-ahead analysis, which is not implemented yet",
            hint: "write PURGE n, where n is how many rows the target looks ahead", range: range)
    }

    static func inner(_ validation: ModelValidation) throws(ZLError) -> InnerValidation {
        switch validation.inner {
        case nil: return .percent(15)
        case .none?: return .none
        case .percent(let text, let range)?:
            guard let percent = Double(text), percent > 0, percent < 100 else {
                throw ZLError(
                    .binding, "invalid_inner", "INNER is \(text) percent, expected more than 0 and less than 100", range: range)
            }
            return .percent(percent)
        }
    }

    /// The number of rows before a holdout of a share of all.
    static func holdoutStart(fraction: Double, rowCount: Int, range: Range<Int>) throws(ZLError) -> Int {
        guard fraction > 0, fraction < 1 else {
            throw ZLError(
                .binding, "invalid_holdout", "HOLDOUT takes a share between 0 and 1, found \(fraction)", range: range)
        }
        return rowCount - Int(Double(rowCount) * fraction)
    }

    /// The VALIDATE clause as text, for what is told about a stored model.
    static func text(of scheme: ValidationScheme) -> String {
        var parts: [String] = []
        var head = ""
        switch scheme.layout {
        case .walkForward(let folds, let sliding):
            head = "WALK FORWARD"
            parts.append("FOLDS \(folds)")
            if let sliding { parts.append("SLIDING \(sliding)") }
        case .holdout(let firstRow):
            head = "HOLDOUT"
            parts.append("FROM ROW \(firstRow + 1)")
        }
        parts.append("PURGE \(scheme.purge)")
        if scheme.embargo > 0 { parts.append("EMBARGO \(scheme.embargo)") }
        switch scheme.inner {
        case .percent(let percent): parts.append("INNER \(percent == percent.rounded() ? "\(Int(percent))" : "\(percent)") PERCENT")
        case .none: parts.append("INNER NONE")
        }
        return "\(head) (\(parts.joined(separator: ", ")))"
    }
}
