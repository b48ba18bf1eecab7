import Testing

@testable import ZLBoost

@Suite("Golden cases of LightGBM 4.7.0", .enabled(if: GoldenCase.isPresent, "no shared fixtures: set ZLSQL_SHARED"))
struct GoldenCaseTests {
    static let trained = [
        "reg_l2_nan", "reg_l2_nan_reg_depth", "reg_l2_weights", "reg_l1", "reg_l1_weights", "reg_zero_as_missing",
        "ex_regression_project_params",
    ]

    @Test("Trees and leaf values are LightGBM's to the byte", arguments: trained)
    func trees(name: String) throws {
        let golden = try GoldenCase(name)
        let model = try golden.model(golden.parameters())
        try expectSameTrees(model.text(), golden.text("model.txt"))
        try expectSameMetrics(model.history, golden)
        try expectSamePredictions(model, golden)
    }

    /// These cases watch AUC too, which is not here; their trees do not depend on what is measured.
    @Test("Trees up to the best iteration are the same", arguments: ["ex_regression_early_stop", "ex_regression_early_stop_first"])
    func earlyStoppedTrees(name: String) throws {
        let golden = try GoldenCase(name)
        var settings = try golden.parameters(replacing: [ParameterSetting(name: "metric", value: "l2")])
        settings.earlyStoppingRounds = 0
        settings.iterationCount = try golden.bestIteration()
        let model = try golden.model(settings)
        try expectSameTrees(model.text(), golden.text("model.txt"))
        try expectSamePredictions(model, golden)
    }

    @Test("Early stopping finds LightGBM's best iteration in its metrics", arguments: ["ex_regression_early_stop", "ex_regression_early_stop_first"])
    func earlyStopping(name: String) throws {
        let golden = try GoldenCase(name)
        // Two metrics as in the case; AUC is better when larger, so its negative stands in for the second.
        let settings = try golden.parameters(replacing: [ParameterSetting(name: "metric", value: "l2,l1")])
        var stopping = try #require(EarlyStopping(settings))
        var rounds: [[Double]] = []
        for row in try golden.table("metrics.csv").rows where row[1] == "valid" {
            let value = try #require(Double(row[3]))
            if row[2] == "l2" { rounds.append([value]) }
        }
        var index = 0
        for row in try golden.table("metrics.csv").rows where row[1] == "valid" && row[2] == "auc" {
            rounds[index].append(-(try #require(Double(row[3]))))
            index += 1
        }
        let best = rounds.enumerated().lazy.compactMap { stopping.stops(after: $0 + 1, values: $1) }.first
        #expect(try best ?? stopping.bestRoundAtEnd == golden.bestIteration())
    }

    func expectSameTrees(_ text: String, _ golden: String) throws {
        let ours = trees(text)
        let theirs = trees(golden)
        #expect(theirs.count > 20)
        #expect(ours.count == theirs.count)
        for (number, (our, their)) in zip(ours, theirs).enumerated() where our != their {
            Issue.record("line \(number) of the trees differs:\n\(our)\n\(their)")
            return
        }
    }

    /// The lines from feature_infos to the end of the trees.
    private func trees(_ text: String) -> [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.hasPrefix("feature_infos=") }),
            let last = lines.firstIndex(of: "end of trees")
        else { return [] }
        return Array(lines[first...last])
    }

    func expectSameMetrics(_ history: MetricHistory, _ golden: GoldenCase) throws {
        let table = try golden.table("metrics.csv")
        #expect(table.rowCount > 0)
        for row in table.rows {
            let dataset = row[1] == "train" ? "training" : String(row[1])
            let series = history.series.first { $0.dataset == dataset && $0.metric == row[2] }
            let round = try #require(Int(row[0]))
            let expected = try #require(Double(row[3]))
            let value = try #require(series?.values[round - 1])
            guard abs(value - expected) <= 1e-9 * abs(expected) else {
                Issue.record("\(row.joined(separator: ",")): found \(value)")
                return
            }
        }
    }

    func expectSamePredictions(_ model: BoostedModel, _ golden: GoldenCase) throws {
        let expected = try golden.table("predictions.csv")["raw"]
        #expect(expected.count == golden.valid.rowCount)
        #expect(predictions(model, golden.features.map { golden.valid[$0] }) == expected)
    }
}

/// Predictions for columns in the model's order.
func predictions(_ model: BoostedModel, _ columns: [[Double]], iterations: Int? = nil) -> [Double] {
    let rowCount = columns.first?.count ?? 0
    let copies = columns.map { column in
        let copy = UnsafeMutableBufferPointer<Double>.allocate(capacity: rowCount)
        _ = copy.initialize(from: column)
        return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    return [Double](unsafeUninitializedCapacity: rowCount) { output, count in
        model.predict(
            columns: copies.map { UnsafeBufferPointer($0) }, rowCount: rowCount, into: output, iterations: iterations)
        count = rowCount
    }
}
