/// Everything that decides a model besides the data: LightGBM's parameters by their full names, with its defaults.
///
/// `ParameterTable` documents each one and says under which names and in which range a user may set it.
package struct BoostParameters: Sendable, Equatable {
    package var objective = ObjectiveKind.squaredError
    /// Metrics in the order in which they are reported; empty means the objective's own.
    package var requestedMetrics: [MetricKind] = []
    package var iterationCount = 100
    package var learningRate = 0.1
    package var leafCount = 31
    package var maxDepth = -1
    package var minDataInLeaf = 20
    package var minSumHessianInLeaf = 1e-3
    package var minGainToSplit = 0.0
    package var lambdaL1 = 0.0
    package var lambdaL2 = 0.0
    package var baggingFraction = 1.0
    package var baggingFrequency = 0
    package var featureFraction = 1.0
    package var boostFromAverage = true

    package var maxBin = 255
    package var minDataInBin = 3
    package var binConstructSampleCount = 200_000
    package var useMissing = true
    package var zeroAsMissing = false
    package var featurePreFilter = true

    package var earlyStoppingRounds = 0
    package var earlyStoppingMinDelta = 0.0
    package var firstMetricOnly = false
    package var metricFrequency = 1

    /// The seed that the single seeds were drawn from, if one was given.
    package var seed: Int?
    package var dataRandomSeed = 1
    package var baggingSeed = 3
    package var dropSeed = 4
    package var featureFractionSeed = 2
    package var objectiveSeed = 5
    package var extraSeed = 6

    package init() {}

    /// The metrics that are evaluated: the requested ones or, if there are none, the objective's own.
    package var metrics: [MetricKind] {
        requestedMetrics.isEmpty ? [objective.ownMetric] : requestedMetrics
    }

    /// Draws the single seeds from one, in LightGBM's order (each a short integer below 32767).
    mutating func drawSeeds(from seed: Int) {
        self.seed = seed
        var generator = RandomGenerator(seed: seed)
        dataRandomSeed = generator.short(from: 0, below: 32767)
        baggingSeed = generator.short(from: 0, below: 32767)
        dropSeed = generator.short(from: 0, below: 32767)
        featureFractionSeed = generator.short(from: 0, below: 32767)
        objectiveSeed = generator.short(from: 0, below: 32767)
        extraSeed = generator.short(from: 0, below: 32767)
    }
}
