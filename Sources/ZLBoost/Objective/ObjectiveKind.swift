import ZLColumnar

/// The losses that trees can follow, with LightGBM's names.
package enum ObjectiveKind: String, Sendable, CaseIterable {
    case squaredError = "regression"
    case absoluteError = "regression_l1"

    /// The name in a model file.
    package var name: String { rawValue }

    var aliases: [String] {
        switch self {
        case .squaredError:
            ["regression_l2", "l2", "mean_squared_error", "mse", "l2_root", "root_mean_squared_error", "rmse"]
        case .absoluteError: ["l1", "mean_absolute_error", "mae"]
        }
    }

    /// The metric that is evaluated where none is asked for.
    var ownMetric: MetricKind {
        switch self {
        case .squaredError: .l2
        case .absoluteError: .l1
        }
    }

    func makeObjective() -> any Objective {
        switch self {
        case .squaredError: SquaredError()
        case .absoluteError: AbsoluteError()
        }
    }

    /// LightGBM's objectives that do not exist here yet.
    private static let others: Set<String> = [
        "huber", "fair", "poisson", "quantile", "mape", "mean_absolute_percentage_error", "gamma", "tweedie", "binary",
        "multiclass", "softmax", "multiclassova", "multiclass_ova", "ova", "ovr", "cross_entropy", "xentropy",
        "cross_entropy_lambda", "xentlambda", "lambdarank", "rank_xendcg", "xendcg", "xe_ndcg", "xe_ndcg_mart",
        "xendcg_mart", "custom", "none", "null", "na",
    ]

    /// Reads an objective's name or alias, in any case.
    init(parsing text: String) throws(ZLError) {
        let name: String = text.lowercased()
        for kind in Self.allCases where kind.name == name || kind.aliases.contains(name) {
            self = kind
            return
        }
        if Self.others.contains(name) { throw .notYet("objective \(name)") }
        throw ZLError(
            .binding, "unknown_objective", "unknown objective \(text), expected regression or regression_l1")
    }
}
