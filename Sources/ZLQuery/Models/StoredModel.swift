import ZLBoost
import ZLColumnar

/// A model of the catalog, ready to predict. Immutable.
final class StoredModel: Sendable {
    let name: String
    let boosted: BoostedModel
    let description: ModelDescription
    /// One entry a fold, then one for the whole.
    let figures: [ModelFigures]
    let histories: [ModelHistory]
    private let predictor: Predictor

    init(
        name: String, boosted: BoostedModel, description: ModelDescription, figures: [ModelFigures], histories: [ModelHistory]
    ) {
        self.name = name
        self.boosted = boosted
        self.description = description
        self.figures = figures
        self.histories = histories
        predictor = Predictor(boosted)
    }

    /// The same under another name.
    func renamed(_ name: String) -> StoredModel {
        StoredModel(name: name, boosted: boosted, description: description, figures: figures, histories: histories)
    }
}

extension StoredModel: RowModel {
    func predict(_ features: [UnsafePointer<Double>], rowCount: Int, into output: UnsafeMutablePointer<Double>) {
        predictor.predict(features, rowCount: rowCount, into: output)
    }
}

extension StoredModel: ModelSignature {
    var featureNames: [String] { boosted.featureNames }

    func limited(to iterations: Int) throws(ZLError) -> any RowModel {
        guard iterations > 0 else {
            throw ZLError(
                .binding, "invalid_iterations", "predict(\(name)) is asked for \(iterations) iterations, expected at least 1")
        }
        return ShortenedModel(name: name, predictor: Predictor(boosted, iterations: iterations))
    }
}

/// The first rounds of a model: `predict(name, iterations => k)`.
private struct ShortenedModel: RowModel {
    let name: String
    let predictor: Predictor

    func predict(_ features: [UnsafePointer<Double>], rowCount: Int, into output: UnsafeMutablePointer<Double>) {
        predictor.predict(features, rowCount: rowCount, into: output)
    }
}

extension Predictor {
    fileprivate func predict(
        _ features: [UnsafePointer<Double>], rowCount: Int, into output: UnsafeMutablePointer<Double>
    ) {
        predict(
            columns: features.map { UnsafeBufferPointer(start: $0, count: rowCount) }, rowCount: rowCount,
            into: UnsafeMutableBufferPointer(start: output, count: rowCount))
    }
}
