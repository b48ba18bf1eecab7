/// A trained model: what prediction needs, and what a reader of the model wants to know.
///
/// `text()` holds everything but `bestIteration` and `history`, and reads back as an equal model (`init(parsing:)`); gains and
/// inner values have six digits, as in LightGBM's files, from the start.
package struct BoostedModel: Sendable, Equatable {
    /// Smallest and largest value of a feature in the training sample; nil for one that no split could use.
    package struct FeatureRange: Sendable, Equatable {
        package var minimum: Double
        package var maximum: Double
    }

    package internal(set) var featureNames: [String]
    package internal(set) var featureRanges: [FeatureRange?]
    package internal(set) var objective: ObjectiveKind
    /// The parameters that it was trained with, or that its file lists, in order.
    package internal(set) var parameters: [ParameterSetting]
    package internal(set) var trees: [Tree]
    /// The round (counted from 1) at which early stopping found the best score; 0 if it was off.
    package var bestIteration = 0
    package var history = MetricHistory()

    init(
        _ dataset: Dataset, _ parameters: BoostParameters, trees: [Tree], bestIteration: Int, history: MetricHistory
    ) {
        featureNames = dataset.matrix.featureNames
        featureRanges = dataset.mappers.map { mapper in
            mapper.isTrivial ? nil : FeatureRange(minimum: mapper.minimum, maximum: mapper.maximum)
        }
        objective = parameters.objective
        self.parameters = parameters.settings
        self.trees = trees.map { NumberText.roundedLikeText($0) }
        self.bestIteration = bestIteration
        self.history = history
    }

    init(
        featureNames: [String], featureRanges: [FeatureRange?], objective: ObjectiveKind,
        parameters: [ParameterSetting], trees: [Tree]
    ) {
        self.featureNames = featureNames
        self.featureRanges = featureRanges
        self.objective = objective
        self.parameters = parameters
        self.trees = trees
    }

    /// How often each feature splits with a gain > 0, and the sum of those gains, one pair a feature.
    package var importances: [(splits: Int, gain: Double)] {
        var importances: [(splits: Int, gain: Double)] = Array(repeating: (0, 0), count: featureNames.count)
        for tree in trees {
            for (feature, gain) in zip(tree.splitFeature, tree.splitGain) where gain > 0 {
                importances[Int(feature)].splits += 1
                importances[Int(feature)].gain += Double(Float(gain))
            }
        }
        return importances
    }
}
