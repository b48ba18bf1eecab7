/// L1: the absolute error. The gradient is the sign of s - y, the hessian 1, weights multiply both; a grown leaf takes the
/// (weighted) median of its residuals.
struct AbsoluteError: Objective {
    var renewedQuantile: Double? { 0.5 }

    /// The (weighted) median of the labels, rounded to Float32.
    func initialScore(labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int) -> Double {
        let values: [Float] = (0..<count).map { labels[$0] }
        guard let weights else { return Double(Quantile.interpolated(of: values, at: 0.5)) }
        let weightValues: [Float] = (0..<count).map { weights[$0] }
        return Double(Quantile.weighted(of: values, weights: weightValues, at: 0.5))
    }

    func gradients(
        scores: UnsafePointer<Double>, labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int,
        into pairs: UnsafeMutablePointer<GradientPair>
    ) {
        guard let weights else {
            for row in 0..<count {
                pairs[row] = GradientPair(gradient: sign(scores[row] - Double(labels[row])), hessian: 1)
            }
            return
        }
        for row in 0..<count {
            let gradient: Float = sign(scores[row] - Double(labels[row])) * weights[row]
            pairs[row] = GradientPair(gradient: gradient, hessian: weights[row])
        }
    }

    private func sign(_ difference: Double) -> Float { difference > 0 ? 1 : (difference < 0 ? -1 : 0) }
}
