import ZLBoost
import ZLColumnar

/// What the database keeps about a model beside its trees.
struct ModelDescription: Sendable, Equatable {
    /// The statement's source: a view's or table's name, or the text of the query.
    var source = ""
    /// The SELECT of the view at training time; empty for a table or a query.
    var viewSQL = ""
    var target = ""
    var featureTypes: [String] = []
    var orderBy = ""
    /// Empty: rows count alike.
    var weight = ""
    /// The VALIDATE clause; empty: there was none.
    var validation = ""
    /// Labelled rows.
    var rowCount = 0
    /// The ORDER BY value of the first and the last labelled row.
    var firstRow = ""
    var lastRow = ""
    /// Of features, target, weights and order of the labelled rows, 16 hexadecimal digits.
    var fingerprint = ""
    /// Microseconds since 1970, UTC.
    var trainedAt: Int64 = 0
    /// Early stopping watched the rows that the figures are measured on.
    var isOptimistic = false
    /// Whether the model came from a file: then nothing is known of its training.
    var isImported = false
}

/// One row of `model_metrics`: a fold, or the whole with `fold` nil.
struct ModelFigures: Sendable, Equatable {
    /// Counted from 1.
    var fold: Int?
    var trainRows: Int
    var purgedRows: Int
    var validRows: Int
    var bestIteration: Int
    var metricName: String
    /// What follows is nil where no rows were held out, and where a share has no rows to count.
    var metric: Double?
    var mae: Double?
    var rmse: Double?
    var r2: Double?
    var directionAccuracy: Double?
    var zeroMAE: Double?
    var zeroDirectionAccuracy: Double?
    var meanMAE: Double?
    var meanDirectionAccuracy: Double?
}

extension ModelFigures {
    init(_ result: FoldResult) {
        fold = result.fold
        trainRows = result.trainRows
        purgedRows = result.purgedRows
        validRows = result.validRows
        bestIteration = result.bestIteration
        metricName = result.metricName
        metric = result.metric
        mae = result.quality.mae
        rmse = result.quality.rmse
        r2 = result.quality.r2
        directionAccuracy = result.quality.directionAccuracy
        zeroMAE = result.zero.mae
        zeroDirectionAccuracy = result.zero.directionAccuracy
        meanMAE = result.mean.mae
        meanDirectionAccuracy = result.mean.directionAccuracy
    }
}

/// The metrics of one training run, round by round.
struct ModelHistory: Sendable, Equatable {
    /// nil: the stored model's own run.
    var fold: Int?
    var metrics: MetricHistory
}
