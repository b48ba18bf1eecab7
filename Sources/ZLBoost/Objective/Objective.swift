/// Gradient and hessian of the loss at one row, in Float32 as LightGBM keeps them.
struct GradientPair {
    var gradient: Float
    var hessian: Float
}

/// A loss that boosting can follow. A new one is one file and a case of `ObjectiveKind`.
protocol Objective: Sendable {
    /// The score that boosting starts from, for labels and weights of `count` rows.
    func initialScore(labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int) -> Double

    /// Writes gradient and hessian of every row at its present score.
    func gradients(
        scores: UnsafePointer<Double>, labels: UnsafePointer<Float>, weights: UnsafePointer<Float>?, count: Int,
        into pairs: UnsafeMutablePointer<GradientPair>)

    /// The quantile of its residuals that a leaf takes for its value once the tree has grown; nil keeps the Newton step.
    var renewedQuantile: Double? { get }
}

extension Objective {
    var renewedQuantile: Double? { nil }
}
