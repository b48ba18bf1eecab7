/// What came of one fold, or of all folds taken together.
package struct FoldResult: Sendable, Equatable {
    /// Counted from 1; nil for the whole.
    package var fold: Int?
    /// Rows that trees grew on; for the whole those of the final model.
    package var trainRows: Int
    /// Rows purged before the reported and before the inner rows.
    package var purgedRows: Int
    /// Rows that early stopping watched inside the training part.
    package var innerRows: Int
    /// Rows that the figures below are measured on.
    package var validRows: Int
    /// The number of rounds that the figures are those of.
    package var bestIteration: Int
    /// The first metric, by name and on the reported rows; unweighted, on labels rounded to Float32 as in training.
    package var metricName: String
    package var metric: Double
    package var quality: ForecastQuality
    /// Forecasting 0 for every row.
    package var zero: ForecastQuality
    /// Forecasting the mean of the labels that trees grew on, unweighted.
    package var mean: ForecastQuality
    /// The model's and the mean forecaster's predictions of the reported rows, and where those rows are.
    package var reportedRows: Range<Int>
    package var predictions: [Double]
    package var meanPredictions: [Double]
    package var history: MetricHistory

    /// Measures a fold's predictions.
    init(
        _ rows: FoldRows, _ model: BoostedModel, _ matrix: TrainingMatrix, metric kind: MetricKind
    ) {
        let labels: [Double] = Array(matrix.labels[rows.reported])
        let trainingLabels: ArraySlice<Double> = matrix.labels[rows.fitted]
        let mean: Double = trainingLabels.reduce(0, +) / Double(trainingLabels.count)
        let columns = matrix.columns.map { UnsafeBufferPointer(rebasing: $0[rows.reported]) }
        predictions = [Double](unsafeUninitializedCapacity: labels.count) { output, count in
            model.predict(columns: columns, rowCount: labels.count, into: output)
            count = labels.count
        }
        meanPredictions = Array(repeating: mean, count: labels.count)
        fold = rows.fold
        trainRows = rows.fitted.count
        purgedRows = rows.purgedRows
        innerRows = rows.inner?.count ?? 0
        validRows = labels.count
        bestIteration = model.bestIteration > 0 ? model.bestIteration : model.trees.count
        metricName = kind.name
        metric = kind.evaluate(predictions, labels)
        quality = ForecastQuality(forecasts: predictions, actuals: labels)
        zero = .zeroForecaster(actuals: labels)
        self.mean = ForecastQuality(forecasts: meanPredictions, actuals: labels)
        reportedRows = rows.reported
        history = model.history
    }

    /// All folds together: every reported row once, each with the forecasts of its own fold; rows and rounds of the final model.
    init(
        _ folds: [FoldResult], _ final: FoldRows, _ model: BoostedModel, _ matrix: TrainingMatrix,
        metric kind: MetricKind
    ) {
        reportedRows = (folds.first?.reportedRows.lowerBound ?? 0)..<(folds.last?.reportedRows.upperBound ?? 0)
        let labels: [Double] = Array(matrix.labels[reportedRows])
        predictions = folds.flatMap(\.predictions)
        meanPredictions = folds.flatMap(\.meanPredictions)
        fold = nil
        trainRows = final.fitted.count
        purgedRows = final.purgedRows
        innerRows = final.inner?.count ?? 0
        validRows = labels.count
        bestIteration = model.bestIteration > 0 ? model.bestIteration : model.trees.count
        metricName = kind.name
        metric = kind.evaluate(predictions, labels)
        quality = ForecastQuality(forecasts: predictions, actuals: labels)
        zero = .zeroForecaster(actuals: labels)
        mean = ForecastQuality(forecasts: meanPredictions, actuals: labels)
        history = model.history
    }
}

extension MetricKind {
    /// The unweighted metric of predictions.
    fileprivate func evaluate(_ predictions: [Double], _ labels: [Double]) -> Double {
        let rounded: [Float] = labels.map { Float($0) }
        return predictions.withUnsafeBufferPointer { scores in
            rounded.withUnsafeBufferPointer { labels in
                guard let scores = scores.baseAddress, let labels = labels.baseAddress else { return .nan }
                return evaluate(scores: scores, labels: labels, weights: nil, count: rounded.count)
            }
        }
    }
}
