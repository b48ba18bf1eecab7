/// L2: half the squared error. The gradient is s - y, the hessian 1; weights multiply both.
struct SquaredError: Objective {
    /// The weighted mean of the labels.
    func initialScore(labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int) -> Double {
        var sum = 0.0
        guard let weights else {
            for row in 0..<count { sum += Double(labels[row]) }
            return sum / Double(count)
        }
        var weightSum = 0.0
        for row in 0..<count {
            sum += Double(labels[row]) * Double(weights[row])
            weightSum += Double(weights[row])
        }
        return sum / weightSum
    }

    func gradients(
        scores: UnsafePointer<Double>, labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int,
        into pairs: UnsafeMutablePointer<GradientPair>
    ) {
        guard let weights else {
            for row in 0..<count {
                pairs[row] = GradientPair(gradient: Float(scores[row] - Double(labels[row])), hessian: 1)
            }
            return
        }
        for row in 0..<count {
            let difference = Float(scores[row] - Double(labels[row]))
            pairs[row] = GradientPair(gradient: difference * weights[row], hessian: weights[row])
        }
    }
}
