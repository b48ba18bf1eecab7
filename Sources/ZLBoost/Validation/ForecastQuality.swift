/// How good forecasts are, unweighted, on labels as given.
package struct ForecastQuality: Sendable, Equatable {
    /// Mean absolute error.
    package var mae: Double
    /// Root of the mean squared error.
    package var rmse: Double
    /// 1 - squared error over squared deviation from the labels' mean; nil where the labels do not differ.
    package var r2: Double?
    /// Share of rows with sign(forecast) = sign(actual), rows with actual 0 left out; nil where none is left.
    package var directionAccuracy: Double?

    /// Measures `forecasts` against `actuals`, of the same length and not empty. O(rows).
    package init(forecasts: [Double], actuals: [Double]) {
        precondition(forecasts.count == actuals.count && !actuals.isEmpty)
        let count = Double(actuals.count)
        let mean: Double = actuals.reduce(0, +) / count
        var absolute = 0.0
        var squared = 0.0
        var deviation = 0.0
        var moved = 0
        var hits = 0
        for (forecast, actual) in zip(forecasts, actuals) {
            let error: Double = forecast - actual
            absolute += error.magnitude
            squared += error * error
            deviation += (actual - mean) * (actual - mean)
            if actual == 0 { continue }
            moved += 1
            if (actual > 0 && forecast > 0) || (actual < 0 && forecast < 0) { hits += 1 }
        }
        mae = absolute / count
        rmse = (squared / count).squareRoot()
        r2 = deviation > 0 ? 1 - squared / deviation : nil
        directionAccuracy = moved > 0 ? Double(hits) / Double(moved) : nil
    }

    /// What always forecasting 0 scores. It has no direction.
    package static func zeroForecaster(actuals: [Double]) -> ForecastQuality {
        var quality = ForecastQuality(forecasts: Array(repeating: 0, count: actuals.count), actuals: actuals)
        quality.directionAccuracy = nil
        return quality
    }
}
