/// One row of the parameter table: how a parameter is called, what it may be and what it does.
package struct ParameterEntry: Sendable {
    /// Where a parsed value goes, with the values that are allowed.
    enum Field: Sendable {
        case real(WritableKeyPath<BoostParameters, Double> & Sendable, RealRange)
        case integer(WritableKeyPath<BoostParameters, Int> & Sendable, ClosedRange<Int>)
        case flag(WritableKeyPath<BoostParameters, Bool> & Sendable)
        case boosting
        case objective
        case metrics
        case seed
    }

    package let name: String
    package let aliases: [String]
    package let meaning: String
    let field: Field

    init(_ name: String, _ aliases: [String], _ field: Field, _ meaning: String) {
        self.name = name
        self.aliases = aliases
        self.meaning = meaning
        self.field = field
    }

    /// The allowed values in words, for documentation and error messages.
    package var range: String {
        switch field {
        case .real(_, let range): range.description
        case .integer(_, let range):
            range.upperBound >= ParameterTable.int32Maximum
                ? "an integer >= \(range.lowerBound)"
                : "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .boosting: "gbdt"
        case .objective: "regression (l2) or regression_l1 (l1)"
        case .metrics: "a list of l1, l2, rmse, mape"
        case .seed: "an integer"
        }
    }

    /// The value that holds where nothing is given.
    package var defaultText: String { text(in: BoostParameters()) ?? "none" }

    /// The value in `parameters` as LightGBM's model files write it; nil where nothing is set.
    func text(in parameters: BoostParameters) -> String? {
        switch field {
        case .real(let path, _):
            let value: Double = parameters[keyPath: path]
            return value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
        case .integer(let path, _): return "\(parameters[keyPath: path])"
        case .flag(let path): return parameters[keyPath: path] ? "1" : "0"
        case .boosting: return "gbdt"
        case .objective: return parameters.objective.name
        case .metrics: return parameters.metrics.map(\.name).joined(separator: ",")
        case .seed: return parameters.seed.map { "\($0)" }
        }
    }
}

/// An interval of real numbers, each end open or closed; the ends may be infinite.
struct RealRange: Sendable, CustomStringConvertible {
    var lower: Double
    var includesLower = true
    var upper = Double.infinity
    var includesUpper = true

    func contains(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        return (includesLower ? value >= lower : value > lower) && (includesUpper ? value <= upper : value < upper)
    }

    var description: String {
        let low = "a number \(includesLower ? ">=" : ">") \(lower)"
        return upper.isFinite ? "\(low) and \(includesUpper ? "<=" : "<") \(upper)" : low
    }
}

/// The parameters that training understands: each is documented here, once. Parser, documentation and the model file's
/// parameter section are made from it. Names, aliases, defaults and ranges are LightGBM's.
package enum ParameterTable {
    static let int32Maximum = Int(Int32.max)
    private static let counts: ClosedRange<Int> = 0...int32Maximum
    private static let positiveCounts: ClosedRange<Int> = 1...int32Maximum
    private static let seeds: ClosedRange<Int> = Int(Int32.min)...int32Maximum
    private static let fraction = RealRange(lower: 0, includesLower: false, upper: 1)
    private static let positive = RealRange(lower: 0, includesLower: false)
    private static let nonNegative = RealRange(lower: 0)

    package static let entries: [ParameterEntry] = core + growing + sampling + binning + stopping + seedEntries

    private static let core: [ParameterEntry] = [
        ParameterEntry("boosting", ["boosting_type", "boost"], .boosting, "How trees are combined."),
        ParameterEntry(
            "objective", ["objective_type", "app", "application", "loss"], .objective,
            "The loss whose gradients the trees follow; l1 renews every leaf with the median of its residuals."),
        ParameterEntry(
            "metric", ["metrics", "metric_types"], .metrics,
            "What is measured after every round, and watched by early stopping; empty means the objective's own."),
        ParameterEntry(
            "num_iterations",
            [
                "num_iteration", "n_iter", "num_tree", "num_trees", "num_round", "num_rounds", "nrounds",
                "num_boost_round", "n_estimators", "max_iter",
            ],
            .integer(\.iterationCount, counts), "Boosting rounds; one tree a round."),
        ParameterEntry(
            "learning_rate", ["shrinkage_rate", "eta"], .real(\.learningRate, positive),
            "Factor on the values of every new tree."),
        ParameterEntry(
            "boost_from_average", [], .flag(\.boostFromAverage),
            "Start from the label's mean (l2) or median (l1) instead of 0."),
    ]

    private static let growing: [ParameterEntry] = [
        ParameterEntry(
            "num_leaves", ["num_leaf", "max_leaves", "max_leaf", "max_leaf_nodes"],
            .integer(\.leafCount, 2...131_072), "Leaves of one tree at most."),
        ParameterEntry(
            "max_depth", [], .integer(\.maxDepth, -1...int32Maximum),
            "Depth of one tree at most; 0 or less: no limit."),
        ParameterEntry(
            "min_data_in_leaf", ["min_data_per_leaf", "min_data", "min_child_samples", "min_samples_leaf"],
            .integer(\.minDataInLeaf, counts), "Rows that a leaf needs at least."),
        ParameterEntry(
            "min_sum_hessian_in_leaf",
            ["min_sum_hessian_per_leaf", "min_sum_hessian", "min_hessian", "min_child_weight"],
            .real(\.minSumHessianInLeaf, nonNegative), "Sum of hessians that a leaf needs at least."),
        ParameterEntry(
            "min_gain_to_split", ["min_split_gain"], .real(\.minGainToSplit, nonNegative),
            "Gain that a split has to exceed."),
        ParameterEntry(
            "lambda_l1", ["reg_alpha", "l1_regularization"], .real(\.lambdaL1, nonNegative),
            "Takes this much off the magnitude of a leaf's gradient sum."),
        ParameterEntry(
            "lambda_l2", ["reg_lambda", "lambda", "l2_regularization"], .real(\.lambdaL2, nonNegative),
            "Added to a leaf's hessian sum."),
    ]

    private static let sampling: [ParameterEntry] = [
        ParameterEntry(
            "bagging_fraction", ["sub_row", "subsample", "bagging"], .real(\.baggingFraction, fraction),
            "Share of rows that a tree is grown on (with bagging_freq > 0)."),
        ParameterEntry(
            "bagging_freq", ["subsample_freq"], .integer(\.baggingFrequency, counts),
            "Rows are drawn anew every so many rounds; 0: no bagging."),
        ParameterEntry(
            "feature_fraction", ["sub_feature", "colsample_bytree"], .real(\.featureFraction, fraction),
            "Share of features that a tree may use."),
    ]

    private static let binning: [ParameterEntry] = [
        ParameterEntry(
            "max_bin", ["max_bins"], .integer(\.maxBin, 2...65_535), "Bins of one feature at most."),
        ParameterEntry(
            "min_data_in_bin", [], .integer(\.minDataInBin, positiveCounts), "Rows that a bin needs at least."),
        ParameterEntry(
            "bin_construct_sample_cnt", ["subsample_for_bin"],
            .integer(\.binConstructSampleCount, positiveCounts), "Rows that bins are found from, at most."),
        ParameterEntry(
            "use_missing", [], .flag(\.useMissing), "Missing values get a side of their own at every split."),
        ParameterEntry("zero_as_missing", [], .flag(\.zeroAsMissing), "Zeros count as missing, as NaNs do."),
        ParameterEntry(
            "feature_pre_filter", [], .flag(\.featurePreFilter),
            "Leave out features that min_data_in_leaf lets nobody split."),
    ]

    private static let stopping: [ParameterEntry] = [
        ParameterEntry(
            "early_stopping_round", ["early_stopping_rounds", "early_stopping", "n_iter_no_change"],
            .integer(\.earlyStoppingRounds, counts),
            "Stop after so many rounds without improvement on a validation set; 0: never."),
        ParameterEntry(
            "early_stopping_min_delta", ["min_delta"], .real(\.earlyStoppingMinDelta, nonNegative),
            "An improvement has to be larger than this."),
        ParameterEntry(
            "first_metric_only", [], .flag(\.firstMetricOnly), "Early stopping watches the first metric alone."),
        ParameterEntry(
            "metric_freq", ["output_freq"], .integer(\.metricFrequency, positiveCounts),
            "A log line every so many rounds."),
    ]

    private static let seedEntries: [ParameterEntry] = [
        ParameterEntry(
            "seed", ["random_seed", "random_state"], .seed,
            "Draws all single seeds that are not given themselves."),
        ParameterEntry(
            "data_random_seed", ["data_seed"], .integer(\.dataRandomSeed, seeds),
            "Seed of the sample that bins are found from."),
        ParameterEntry(
            "bagging_seed", ["bagging_fraction_seed"], .integer(\.baggingSeed, seeds), "Seed of bagging."),
        ParameterEntry("drop_seed", [], .integer(\.dropSeed, seeds), "Seed of dropping trees; of no effect on gbdt."),
        ParameterEntry(
            "feature_fraction_seed", [], .integer(\.featureFractionSeed, seeds), "Seed of feature sampling."),
        ParameterEntry(
            "objective_seed", [], .integer(\.objectiveSeed, seeds),
            "Seed of objectives that draw; of no effect on the regression ones."),
        ParameterEntry(
            "extra_seed", [], .integer(\.extraSeed, seeds),
            "Seed of extremely random trees; of no effect on others."),
    ]

    /// The row of the table that has `name` as its name or among its aliases; `name` in lower case.
    static func entry(named name: String) -> ParameterEntry? {
        entries.first { $0.name == name || $0.aliases.contains(name) }
    }
}
