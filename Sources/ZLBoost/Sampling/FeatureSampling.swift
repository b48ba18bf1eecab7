/// Draws the features that a tree may use, from one generator for the whole of training.
struct FeatureSampling {
    private let total: Int
    private let drawn: Int
    private var generator: RandomGenerator
    private let usesAll: Bool

    /// `featureCount` is the number of features that are not trivial.
    init(_ parameters: BoostParameters, featureCount: Int) {
        total = featureCount
        drawn = max(min(1, featureCount), Int(Double(featureCount) * parameters.featureFraction + 0.5))
        generator = RandomGenerator(seed: parameters.featureFractionSeed)
        usesAll = parameters.featureFraction >= 1
        // why: LightGBM draws once while it sets up its learner and throws the result away.
        if !usesAll { _ = generator.sample(drawn, of: total) }
    }

    /// The next tree's features, as indices among those that are not trivial, ascending.
    mutating func next() -> [Int] {
        usesAll ? Array(0..<total) : generator.sample(drawn, of: total)
    }
}
