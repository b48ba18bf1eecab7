import ZLColumnar

/// What can be measured after a round. All of them are better when smaller.
package enum MetricKind: String, Sendable, CaseIterable {
    /// Mean absolute error.
    case l1
    /// Mean squared error.
    case l2
    /// Root of the mean squared error.
    case rmse
    /// Mean of |y - s| / max(1, |y|).
    case mape

    package var name: String { rawValue }

    var aliases: [String] {
        switch self {
        case .l1: ["mean_absolute_error", "mae", "regression_l1"]
        case .l2: ["mean_squared_error", "mse", "regression_l2", "regression"]
        case .rmse: ["root_mean_squared_error", "l2_root"]
        case .mape: ["mean_absolute_percentage_error"]
        }
    }

    /// LightGBM's metrics that do not exist here yet.
    private static let others: Set<String> = [
        "quantile", "huber", "fair", "poisson", "gamma", "gamma_deviance", "tweedie", "r2", "ndcg", "lambdarank", "map",
        "mean_average_precision", "auc", "average_precision", "binary_logloss", "binary", "binary_error", "auc_mu",
        "multi_logloss", "multiclass", "multi_error", "cross_entropy", "cross_entropy_lambda",
        "kullback_leibler", "none", "null", "custom", "na",
    ]

    /// Reads one name or several with commas between them, with or without brackets and quotes; a name that comes again is
    /// left out.
    static func list(parsing text: String) throws(ZLError) -> [MetricKind] {
        var list: [MetricKind] = []
        let separators: Set<Character> = [",", "[", "]", "(", ")", "'", "\"", " "]
        for part in text.split(whereSeparator: { separators.contains($0) }) {
            let name: String = part.lowercased()
            guard let kind = allCases.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
                if others.contains(name) { throw .notYet("metric \(name)") }
                throw ZLError(
                    .binding, "unknown_metric", "unknown metric \(part), expected a list of l1, l2, rmse, mape")
            }
            if !list.contains(kind) { list.append(kind) }
        }
        return list
    }
}
