import Synchronization
import Testing
import ZLColumnar

@testable import ZLBoost

@Suite("Validation")
struct ValidationTests {
    private func folds(_ scheme: ValidationScheme, _ rows: Int, watches: Bool = true) throws -> [FoldRows] {
        try WalkForward.folds(scheme, rowCount: rows, watchesInner: watches)
    }

    @Test("Reported parts are those of scikit-learn's TimeSeriesSplit")
    func timeSeriesSplit() throws {
        // sklearn.model_selection.TimeSeriesSplit(5) over 20 rows.
        let scheme = ValidationScheme(.walkForward(folds: 5, sliding: nil), purge: 0, inner: .none)
        let all = try folds(scheme, 20)
        #expect(all.map(\.reported) == [5..<8, 8..<11, 11..<14, 14..<17, 17..<20])
        #expect(all.map(\.fitted) == [0..<5, 0..<8, 0..<11, 0..<14, 0..<17])
        // TimeSeriesSplit(3, gap=2, max_train_size=6) over 24 rows.
        let sliding = ValidationScheme(.walkForward(folds: 3, sliding: 6), purge: 2, inner: .none)
        #expect(try folds(sliding, 24).map(\.fitted) == [0..<4, 4..<10, 10..<16])
        #expect(try folds(sliding, 24).map(\.purgedRows) == [2, 2, 2])
    }

    @Test("Inner rows come from the end of the training part, behind a purge of their own")
    func inner() throws {
        let scheme = ValidationScheme(.walkForward(folds: 4, sliding: nil), purge: 21, inner: .percent(15))
        let last = try #require(try folds(scheme, 1000).last)
        // 800 rows before the fold, 779 after the purge, floor(116.85) of them inner, 21 purged again.
        #expect(last.training == 0..<779)
        #expect(last.inner == 663..<779)
        #expect(last.fitted == 0..<642)
        #expect(last.purgedRows == 42)
        #expect(last.reported == 800..<1000)
        let final = try WalkForward.final(scheme, rowCount: 1000, watchesInner: true)
        #expect(final.inner == 850..<1000 && final.fitted == 0..<829 && final.fold == nil)
        let unwatched = try #require(try folds(scheme, 1000, watches: false).last)
        #expect(unwatched.inner == nil && unwatched.fitted == 0..<779)
    }

    @Test("A holdout reports the rows from its begin on; an embargo widens the gap")
    func holdout() throws {
        let scheme = ValidationScheme(.holdout(firstRow: 80), purge: 5, embargo: 3, inner: .none)
        let fold = try folds(scheme, 100)[0]
        #expect(fold.fitted == 0..<72 && fold.reported == 80..<100 && fold.purgedRows == 5)
    }

    @Test("Schemes that do not fit the rows are refused")
    func refusals() {
        let cases: [(ValidationScheme, Int, String)] = [
            (ValidationScheme(.walkForward(folds: 5, sliding: nil), purge: 0, inner: .none), 5, "5 walk-forward"),
            (ValidationScheme(.walkForward(folds: 5, sliding: nil), purge: 21, inner: .none), 60, "fold 1"),
            (ValidationScheme(.walkForward(folds: 5, sliding: nil), purge: .max, inner: .none), 60, "fold 1"),
            (ValidationScheme(.walkForward(folds: 0, sliding: nil), purge: 0, inner: .none), 60, "0 walk-forward"),
            (ValidationScheme(.walkForward(folds: 2, sliding: nil), purge: 0, inner: .percent(1)), 60, "too few"),
            (ValidationScheme(.walkForward(folds: 2, sliding: nil), purge: 0, inner: .percent(100)), 60, "100.0"),
            (ValidationScheme(.holdout(firstRow: 60), purge: 0, inner: .none), 60, "row 61 of 60"),
        ]
        for (scheme, rows, message) in cases {
            #expect { try folds(scheme, rows) } throws: { "\($0)".contains(message) }
        }
    }

    @Test("Forecast quality by hand")
    func quality() {
        let quality = ForecastQuality(forecasts: [1, -1, 2, 0], actuals: [2, 1, 0, -1])
        #expect(quality.mae == 1.5)
        #expect(quality.rmse == (2.5).squareRoot())
        // Squared errors 1 + 4 + 4 + 1; deviations from the mean 0.5: 2.25 + 0.25 + 0.25 + 2.25.
        #expect(quality.r2 == 1 - 10.0 / 5)
        #expect(quality.directionAccuracy == 1.0 / 3)
        let zero = ForecastQuality.zeroForecaster(actuals: [3, -1])
        #expect(zero.mae == 2 && zero.directionAccuracy == nil)
        let flat = ForecastQuality(forecasts: [1], actuals: [0])
        #expect(flat.r2 == nil && flat.directionAccuracy == nil)
    }

    private func validated(
        _ text: String, inner: InnerValidation, threads: Int, isCancelled: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (ValidationProgress) -> Void = { _ in }
    ) throws -> ValidatedModel {
        let data = SyntheticData(rows: 600, features: 6, seed: 21)
        let scheme = ValidationScheme(.walkForward(folds: 4, sliding: nil), purge: 5, inner: inner)
        return try CrossValidation.run(
            data.matrix(weighted: true), parameters(text), scheme, threads: threads, progress: progress,
            isCancelled: isCancelled)
    }

    private let stopping =
        "num_iterations 60 early_stopping_round 5 bagging_fraction 0.8 bagging_freq 2 feature_fraction 0.7 metric l1 metric_freq 10"

    @Test("One and two threads give the same models and figures")
    func threads() throws {
        for inner in [InnerValidation.percent(15), .none] {
            let one = try validated(stopping, inner: inner, threads: 1)
            let two = try validated(stopping, inner: inner, threads: 2)
            #expect(one.folds == two.folds)
            #expect(one.whole == two.whole)
            #expect(one.model == two.model)
            #expect(one.model.text() == two.model.text())
            #expect(one.isOptimistic == (inner == .none))
        }
    }

    @Test("A fold is what training on its rows alone gives")
    func foldAlone() throws {
        let result = try validated(stopping, inner: .percent(15), threads: 2)
        let data = SyntheticData(rows: 600, features: 6, seed: 21)
        let settings = try parameters(stopping)
        // Fold 2 of 4: 120 rows each, the reported part 240..<360, purged to 235, 35 inner rows, purged to 195.
        let fold = result.folds[1]
        #expect(fold.reportedRows == 240..<360 && fold.trainRows == 195 && fold.innerRows == 35)
        let cut = try TrainingMatrix(
            featureNames: (0..<6).map { "f\($0)" }, columns: data.columns.map { Array($0[..<360]) },
            labels: Array(data.labels[..<360]), weights: Array(data.weights[..<360]))
        let dataset = try Dataset(cut, rows: 0..<195, parameters: settings)
        let watched = try ValidationSet(
            name: "valid", cut, rows: 200..<235, binnedLike: dataset, isWeighted: false)
        let model = try BoostingTrainer.train(dataset, settings, validation: [watched])
        #expect(predictions(model, data.columns.map { Array($0[240..<360]) }) == fold.predictions)
        #expect(fold.bestIteration == model.bestIteration && model.trees.count == model.bestIteration)
        let mean = data.labels[..<195].reduce(0, +) / 195
        #expect(fold.mean == ForecastQuality(forecasts: Array(repeating: mean, count: 120), actuals: Array(data.labels[240..<360])))
    }

    @Test("Without inner rows the final model gets the lower median of the folds' best rounds")
    func median() throws {
        let result = try validated(stopping, inner: .none, threads: 2)
        let best = result.folds.map(\.bestIteration).sorted()
        #expect(result.model.trees.count == best[1])
        #expect(result.whole.trainRows == 600)
        let all = try validated("num_iterations 7", inner: .none, threads: 1)
        #expect(all.model.trees.count == 7 && all.folds.allSatisfy { $0.bestIteration == 7 })
    }

    @Test("Every log line names its fold, and lines come every metric_freq rounds")
    func log() throws {
        let lines = Mutex<[ValidationProgress]>([])
        _ = try validated(
            "num_iterations 20 early_stopping_round 50 metric_freq 10", inner: .percent(15), threads: 2,
            progress: { line in lines.withLock { $0.append(line) } })
        let seen = lines.withLock { $0 }
        for fold in [1, 2, 3, 4, nil] {
            #expect(seen.filter { $0.fold == fold }.map(\.training.iteration) == [10, 20])
        }
        #expect(seen.allSatisfy { $0.training.values.map(\.metric) == ["l2"] })
    }

    @Test("A run stops when it is cancelled")
    func cancellation() {
        let count = Mutex(0)
        #expect(throws: ZLError.interrupted) {
            _ = try validated("num_iterations 1000000", inner: .none, threads: 2) {
                count.withLock { $0 += 1; return $0 > 20 }
            }
        }
    }
}
