import ZLColumnar

/// What the table functions about models give: `model_metrics`, `model_history`, `model_importance` and `zl_models`.
enum ModelTables {
    typealias Columns = [(name: String, type: DataType)]

    // MARK: model_metrics

    static let metricColumns: Columns = [
        ("fold", .integer), ("train_rows", .bigint), ("purged_rows", .bigint), ("valid_rows", .bigint), ("best_iteration", .integer),
        ("metric", .varchar), ("metric_value", .double), ("mae", .double), ("rmse", .double), ("r2", .double),
        ("direction_accuracy", .double), ("zero_mae", .double), ("zero_direction_accuracy", .double), ("mean_mae", .double),
        ("mean_direction_accuracy", .double), ("is_optimistic", .boolean),
    ]

    /// One row a fold, counted from 1, and one for the whole with fold NULL. `is_optimistic`: early stopping watched the rows that
    /// the figures are measured on.
    static func metrics(_ model: StoredModel) -> [[Value]] {
        model.figures.map { row in
            let counts: [Value] = [row.trainRows, row.purgedRows, row.validRows, row.bestIteration].map { .integer(Int128($0)) }
            let figures: [Double?] = [
                row.metric, row.mae, row.rmse, row.r2, row.directionAccuracy, row.zeroMAE, row.zeroDirectionAccuracy, row.meanMAE,
                row.meanDirectionAccuracy,
            ]
            return [row.fold.map { .integer(Int128($0)) } ?? .null] + counts + [.string(row.metricName)]
                + figures.map { $0.map { .double($0) } ?? .null } + [.boolean(model.description.isOptimistic)]
        }
    }

    // MARK: model_history

    static let historyColumns: Columns = [
        ("fold", .integer), ("dataset", .varchar), ("metric", .varchar), ("iteration", .integer), ("value", .double),
    ]

    /// The metrics after every round of every fold's run, and of the stored model's with fold NULL.
    static func history(_ model: StoredModel) -> [[Value]] {
        var rows: [[Value]] = []
        for history in model.histories {
            let fold: Value = history.fold.map { .integer(Int128($0)) } ?? .null
            for series in history.metrics.series {
                for (round, value) in series.values.enumerated() {
                    rows.append([
                        fold, .string(series.dataset), .string(series.metric), .integer(Int128(round + 1)), .double(value),
                    ])
                }
            }
        }
        return rows
    }

    // MARK: model_importance

    static let importanceColumns: Columns = [("feature", .varchar), ("splits", .bigint), ("gain", .double)]

    /// Largest gain first.
    static func importance(_ model: StoredModel) -> [[Value]] {
        let features = zip(model.featureNames, model.boosted.importances).enumerated()
        let ordered = features.sorted { (-$0.element.1.gain, $0.offset) < (-$1.element.1.gain, $1.offset) }
        return ordered.map { [.string($0.element.0), .integer(Int128($0.element.1.splits)), .double($0.element.1.gain)] }
    }

    // MARK: zl_models

    static let modelColumns: Columns = [
        ("name", .varchar), ("objective", .varchar), ("source", .varchar), ("target", .varchar), ("features", .bigint),
        ("order_by", .varchar), ("weight", .varchar), ("rows", .bigint), ("first_row", .varchar), ("last_row", .varchar),
        ("trees", .bigint), ("validation", .varchar), ("parameters", .varchar), ("is_optimistic", .boolean),
        ("trained_at", .timestamp), ("fingerprint", .varchar), ("view_sql", .varchar),
    ]

    static func model(_ model: StoredModel) -> [Value] {
        let description = model.description
        func text(_ text: String) -> Value { text.isEmpty ? .null : .string(text) }
        let parameters = model.boosted.parameters.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
        let known = !description.isImported
        return [
            .string(model.name), .string(model.boosted.objective.name), text(description.source), text(description.target),
            .integer(Int128(model.featureNames.count)), text(description.orderBy), text(description.weight),
            known ? .integer(Int128(description.rowCount)) : .null, text(description.firstRow), text(description.lastRow),
            .integer(Int128(model.boosted.trees.count)), text(description.validation), text(parameters),
            known ? .boolean(description.isOptimistic) : .null, known ? .ticks(description.trainedAt) : .null,
            text(description.fingerprint), text(description.viewSQL),
        ]
    }
}
