import ZLColumnar

/// One training run: gradient boosting of regression trees, LightGBM's `gbdt` to the bit.
///
/// A run owns all that it writes to, so that several may go on at once; the data sets are shared and only read. Large leaves are
/// searched on up to `threads` threads, with the same result.
/// Memory is O(rows + leaves * bins) beside the data sets.
package enum BoostingTrainer {
    /// Trains a model.
    ///
    /// With early stopping on and at least one validation set the model keeps the trees up to its best iteration only. Metrics
    /// are evaluated after every round on the training set if `evaluatesTraining`, then on each validation set; `progress` is
    /// called every `metric_freq` rounds and after the last.
    ///
    /// - Throws: `ZLError.interrupted` once `isCancelled`, asked before every round, says so.
    package static func train(
        _ dataset: Dataset, _ parameters: BoostParameters, validation: [ValidationSet] = [],
        evaluatesTraining: Bool = false, threads: Int = 1, progress: (TrainingProgress) -> Void = { _ in },
        isCancelled: () -> Bool = { false }
    ) throws(ZLError) -> BoostedModel {
        let run = TrainingRun(
            dataset, parameters, validation, evaluatesTraining: evaluatesTraining, threads: threads)
        var stopping: EarlyStopping? = validation.isEmpty ? nil : EarlyStopping(parameters)
        var bestIteration = 0
        var round = 0
        while round < parameters.iterationCount {
            if isCancelled() { throw .interrupted }
            round += 1
            run.boost()
            let values: [TrainingProgress.Value] = run.evaluate()
            let watched: [Double] = values.suffix(validation.count * parameters.metrics.count).map(\.value)
            let stop: Int? = stopping?.stops(after: round, values: watched)
            if round % parameters.metricFrequency == 0 || round == parameters.iterationCount || stop != nil {
                progress(TrainingProgress(iteration: round, values: values))
            }
            if let stop {
                bestIteration = stop
                break
            }
        }
        if bestIteration == 0, let stopping { bestIteration = stopping.bestRoundAtEnd }
        return run.model(bestIteration: bestIteration)
    }
}

/// The state of a training run between rounds.
private final class TrainingRun {
    private let dataset: Dataset
    private let parameters: BoostParameters
    private let objective: any Objective
    private let learner: TreeLearner
    private var bagging: RowBagging?
    private var featureSampling: FeatureSampling

    private let training: ScoredSet
    private let validation: [ScoredSet]
    private let evaluatesTraining: Bool
    private let pairs: UnsafeMutablePointer<GradientPair>
    private let inBag: UnsafeMutablePointer<Int32>
    private let outOfBag: UnsafeMutablePointer<Int32>
    private var bagCount: Int

    private var trees: [Tree] = []
    /// Rounds that added a tree; a round in which nothing could be split does not count.
    private var grownRounds = 0
    private var history = MetricHistory()

    init(
        _ dataset: Dataset, _ parameters: BoostParameters, _ validation: [ValidationSet], evaluatesTraining: Bool,
        threads: Int
    ) {
        self.dataset = dataset
        self.parameters = parameters
        self.evaluatesTraining = evaluatesTraining
        objective = parameters.objective.makeObjective()
        learner = TreeLearner(dataset, parameters, isConstantHessian: dataset.weights == nil, threads: threads)
        bagging = RowBagging(parameters, rowCount: dataset.rowCount)
        featureSampling = FeatureSampling(parameters, featureCount: dataset.usedFeatures.count)
        training = ScoredSet("training", dataset.bins, dataset.labels, dataset.weights)
        self.validation = validation.map { ScoredSet($0.name, $0.bins, $0.labels, $0.weights) }
        pairs = .allocate(capacity: dataset.rowCount)
        let bagCapacity: Int = bagging == nil ? 1 : dataset.rowCount
        inBag = .allocate(capacity: bagCapacity)
        outOfBag = .allocate(capacity: bagCapacity)
        bagCount = dataset.rowCount
        for set in evaluatedSets {
            for metric in parameters.metrics {
                history.series.append(MetricHistory.Series(dataset: set.name, metric: metric.name, values: []))
            }
        }
    }

    deinit {
        pairs.deallocate()
        inBag.deallocate()
        outOfBag.deallocate()
    }

    private var evaluatedSets: [ScoredSet] { (evaluatesTraining ? [training] : []) + validation }

    /// One round: a new tree, or nothing if no leaf can be split. The first tree is kept in any case.
    func boost() {
        var bias = 0.0
        if trees.isEmpty && parameters.boostFromAverage { bias = startFromAverage() }
        objective.gradients(
            scores: training.scores, labels: training.labels, weights: training.weights, count: dataset.rowCount,
            into: pairs)
        if var bagging, bagging.isDue(grownRounds) {
            bagCount = bagging.draw(rowCount: dataset.rowCount, inBag: inBag, outOfBag: outOfBag)
            self.bagging = bagging
        }
        var tree: Tree = learner.grow(
            pairs: pairs, bag: bagging == nil ? nil : UnsafePointer(inBag), rowCount: bagCount,
            columns: featureSampling.next())
        guard tree.leafCount > 1 else {
            if trees.isEmpty { keepConstantTree(bias) }
            return
        }
        if let quantile = objective.renewedQuantile { renewLeaves(of: &tree, quantile) }
        tree.shrink(by: parameters.learningRate)
        addToScores(tree)
        if bias.magnitude > SplitFinder.epsilon { tree.addBias(bias) }
        trees.append(tree)
        grownRounds += 1
    }

    private func initialScore() -> Double {
        objective.initialScore(labels: training.labels, weights: training.weights, count: dataset.rowCount)
    }

    /// Moves all scores to the objective's start and returns it; 0 if it is next to nothing.
    private func startFromAverage() -> Double {
        let start: Double = initialScore()
        guard start.magnitude > SplitFinder.epsilon else { return 0 }
        for set in [training] + validation { set.add(start) }
        return start
    }

    /// The very first tree if nothing can be split: the initial score, even where boosting was to start from 0.
    private func keepConstantTree(_ bias: Double) {
        var value: Double = bias
        if !parameters.boostFromAverage {
            value = initialScore()
            for set in [training] + validation { set.add(value) }
        }
        var tree = Tree(constant: value)
        tree.leafCounts = [dataset.rowCount]
        trees.append(tree)
    }

    /// Adds the tree to all scores: rows in the bag by their leaf, all others down the tree.
    private func addToScores(_ tree: Tree) {
        learner.addLeafScores(tree, to: training.scores)
        if bagging != nil {
            learner.addScores(
                tree, bins: training.bins, rows: outOfBag, count: dataset.rowCount - bagCount, to: training.scores)
        }
        for set in validation {
            learner.addScores(tree, bins: set.bins, rows: nil, count: set.rowCount, to: set.scores)
        }
    }

    /// Sets each leaf to the quantile of the residuals of its rows in the bag.
    private func renewLeaves(of tree: inout Tree, _ quantile: Double) {
        for leaf in 0..<tree.leafCount {
            let rows: UnsafeBufferPointer<Int32> = learner.partition.rows(of: leaf)
            let residuals: [Double] = rows.map { Double(training.labels[Int($0)]) - training.scores[Int($0)] }
            if let weights = training.weights {
                let weightValues: [Float] = rows.map { weights[Int($0)] }
                tree.leafValue[leaf] = Quantile.weighted(of: residuals, weights: weightValues, at: quantile)
            } else {
                tree.leafValue[leaf] = Quantile.interpolated(of: residuals, at: quantile)
            }
        }
    }

    /// Measures the present scores, notes the values in the history and returns them.
    func evaluate() -> [TrainingProgress.Value] {
        var values: [TrainingProgress.Value] = []
        for set in evaluatedSets {
            for metric in parameters.metrics {
                let value: Double = metric.evaluate(
                    scores: set.scores, labels: set.labels, weights: set.weights, count: set.rowCount)
                history.series[values.count].values.append(value)
                values.append(TrainingProgress.Value(dataset: set.name, metric: metric.name, value: value))
            }
        }
        return values
    }

    func model(bestIteration: Int) -> BoostedModel {
        let kept: Int = bestIteration > 0 ? min(bestIteration, trees.count) : trees.count
        return BoostedModel(
            dataset, parameters, trees: Array(trees.prefix(kept)), bestIteration: bestIteration, history: history)
    }
}

/// Rows with their labels and their present scores.
private final class ScoredSet {
    let name: String
    let bins: BinColumns
    let rowCount: Int
    let labels: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>?
    let scores: UnsafeMutablePointer<Double>

    init(_ name: String, _ bins: BinColumns, _ labels: [Float], _ weights: [Float]?) {
        self.name = name
        self.bins = bins
        rowCount = labels.count
        self.labels = Self.copy(labels)
        self.weights = weights.map { Self.copy($0) }
        scores = .allocate(capacity: labels.count)
        scores.initialize(repeating: 0, count: labels.count)
    }

    deinit {
        labels.deallocate()
        weights?.deallocate()
        scores.deallocate()
    }

    func add(_ value: Double) {
        for row in 0..<rowCount { scores[row] += value }
    }

    private static func copy(_ values: [Float]) -> UnsafeMutablePointer<Float> {
        let pointer = UnsafeMutablePointer<Float>.allocate(capacity: values.count)
        for (index, value) in values.enumerated() { pointer[index] = value }
        return pointer
    }
}
