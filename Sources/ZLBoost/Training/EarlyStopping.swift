/// Watches metrics and says when training is to stop, as LightGBM's Python package does.
///
/// Each pair of validation set and metric is watched on its own. The first value is the best one; later ones must be smaller
/// than the best by more than `min_delta`. Training stops as soon as any pair has not improved for so many rounds, and that
/// pair's best round is the model's; if the rounds run out first, it is that of the first watched pair.
struct EarlyStopping {
    private let rounds: Int
    private let minDelta: Double
    private let firstMetricOnly: Bool
    private let metrics: [MetricKind]
    private var best: [Double] = []
    private var bestRound: [Int] = []

    /// Nil where early stopping is off.
    init?(_ parameters: BoostParameters) {
        guard parameters.earlyStoppingRounds > 0 else { return nil }
        rounds = parameters.earlyStoppingRounds
        minDelta = parameters.earlyStoppingMinDelta
        firstMetricOnly = parameters.firstMetricOnly
        metrics = parameters.metrics
    }

    /// Takes the values of a round (counted from 1): for each validation set in turn each metric. Returns the best round if
    /// training is to stop.
    mutating func stops(after round: Int, values: [Double]) -> Int? {
        if best.isEmpty {
            best = values
            bestRound = Array(repeating: round, count: values.count)
            return nil
        }
        for index in values.indices {
            if values[index] < best[index] - minDelta {
                best[index] = values[index]
                bestRound[index] = round
            }
            if firstMetricOnly && index % metrics.count != 0 { continue }
            if round - bestRound[index] >= rounds { return bestRound[index] }
        }
        return nil
    }

    /// The best round if the budget ends without a stop.
    var bestRoundAtEnd: Int { bestRound.first ?? 0 }
}
