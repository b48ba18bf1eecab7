/// What a training run tells while it goes on: the metrics after a round, in the order of the validation sets and metrics.
package struct TrainingProgress: Sendable, Equatable {
    package struct Value: Sendable, Equatable {
        package var dataset: String
        package var metric: String
        package var value: Double
    }

    /// Counted from 1.
    package var iteration: Int
    package var values: [Value]
}
