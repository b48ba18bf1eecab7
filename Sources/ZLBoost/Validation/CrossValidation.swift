import ZLColumnar

/// A log line of one of the training runs of a validation.
package struct ValidationProgress: Sendable, Equatable {
    /// Counted from 1; nil for the final model.
    package var fold: Int?
    package var foldCount: Int
    package var training: TrainingProgress
}

/// What a validation gives: one result a fold, one for the whole, and the model to keep.
package struct ValidatedModel: Sendable {
    package var folds: [FoldResult]
    package var whole: FoldResult
    package var model: BoostedModel
    /// Whether the figures come from rows that early stopping watched.
    package var isOptimistic: Bool
}

/// Trains a model fold by fold and then on all rows.
///
/// Weights count in training only: early stopping and all reported figures are unweighted. Bins and early stopping come from a
/// fold's training rows alone. The final model is trained in the same way on all rows: with inner validation it stops
/// early on the inner rows at their end; without, there is nothing for it to watch, so it gets as many rounds as the median
/// fold found best (the lower one of two middle ones), or all of them if early stopping is off.
package enum CrossValidation {
    /// Runs a scheme on up to `threads` threads, one training run on each; results do not depend on their number.
    ///
    /// `progress` is called from those threads, one call at a time; `isCancelled` from any of them before every round.
    ///
    /// - Throws: a scheme that does not fit the rows, data that cannot be trained on, `ZLError.interrupted`.
    package static func run(
        _ matrix: TrainingMatrix, _ parameters: BoostParameters, _ scheme: ValidationScheme, threads: Int,
        progress: @escaping @Sendable (ValidationProgress) -> Void,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(ZLError) -> ValidatedModel {
        let stopsEarly: Bool = parameters.earlyStoppingRounds > 0
        let folds: [FoldRows] = try WalkForward.folds(
            scheme, rowCount: matrix.rowCount, watchesInner: stopsEarly)
        let final: FoldRows = try WalkForward.final(scheme, rowCount: matrix.rowCount, watchesInner: stopsEarly)
        let watchesReported: Bool = stopsEarly && scheme.inner == .none
        let runner = RunQueue(matrix, foldCount: folds.count, progress: progress, isCancelled: isCancelled)

        var runs: [TrainingTask] = folds.map {
            TrainingTask(rows: $0, watched: watchesReported ? $0.reported : $0.inner, parameters: parameters)
        }
        if !watchesReported { runs.append(TrainingTask(rows: final, watched: final.inner, parameters: parameters)) }
        var models: [BoostedModel] = try runner.run(runs, threads: threads)
        if watchesReported {
            var fixed: BoostParameters = parameters
            fixed.iterationCount = lowerMedian(models.map(\.bestIteration))
            fixed.earlyStoppingRounds = 0
            let last = TrainingTask(rows: final, watched: nil, parameters: fixed)
            var model: BoostedModel = try runner.run([last], threads: threads)[0]
            // The rounds were found by early stopping, and the model's settings are those that were asked for.
            model.parameters = parameters.settings
            model.bestIteration = fixed.iterationCount
            models.append(model)
        }
        let metric: MetricKind = parameters.metrics[0]
        let results: [FoldResult] = zip(folds, models).map { FoldResult($0, $1, matrix, metric: metric) }
        let model: BoostedModel = models[folds.count]
        return ValidatedModel(
            folds: results, whole: FoldResult(results, final, model, matrix, metric: metric), model: model,
            isOptimistic: watchesReported)
    }

    private static func lowerMedian(_ values: [Int]) -> Int { values.sorted()[(values.count - 1) / 2] }
}
