/// One metric of one data set: the mean of a loss over its rows, summed in Float64 in the order of the rows.
///
/// Labels and weights are Float32, as LightGBM holds them; a weighted mean divides by the sum of weights. O(rows).
extension MetricKind {
    func evaluate(
        scores: UnsafePointer<Double>, labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int
    ) -> Double {
        let rows = ScoredRows(scores: scores, labels: labels, weights: weights, count: count)
        switch self {
        case .l1: return rows.meanLoss { score, label in (score - Double(label)).magnitude }
        case .l2: return rows.meanLoss(squaredDifference)
        case .rmse: return rows.meanLoss(squaredDifference).squareRoot()
        case .mape:
            return rows.meanLoss { score, label in
                (Double(label) - score).magnitude / Double(max(1, label.magnitude))
            }
        }
    }
}

@inline(__always)
private func squaredDifference(_ score: Double, _ label: Float) -> Double {
    let difference: Double = score - Double(label)
    return difference * difference
}

/// Predictions beside what they should have been.
private struct ScoredRows {
    let scores: UnsafePointer<Double>
    let labels: UnsafePointer<Float>
    let weights: UnsafePointer<Float>?
    let count: Int

    /// The weighted mean of `loss`, which is inlined into the loop.
    @inline(__always)
    func meanLoss(_ loss: (Double, Float) -> Double) -> Double {
        var sum = 0.0
        guard let weights else {
            for row in 0..<count { sum += loss(scores[row], labels[row]) }
            return sum / Double(count)
        }
        var weightSum = 0.0
        for row in 0..<count {
            sum += loss(scores[row], labels[row]) * Double(weights[row])
            weightSum += Double(weights[row])
        }
        return sum / weightSum
    }
}
