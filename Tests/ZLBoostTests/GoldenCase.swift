import Foundation

@testable import ZLBoost

/// A golden case: data, parameters and what LightGBM 4.7.0 made of them.
struct GoldenCase {
    let name: String
    let train: Table
    let valid: Table
    let features: [String]
    let label: String
    let weight: String?
    let rounds: Int
    let earlyStopping: Int?
    let firstMetricOnly: Bool
    let minDelta: Double
    let settings: [ParameterSetting]

    struct Missing: Error {}

    /// The folder of shared fixtures: ZLSQL_SHARED, or `../shared` beside the package.
    static var sharedFolder: URL {
        if let path = ProcessInfo.processInfo.environment["ZLSQL_SHARED"] { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
    }

    static var isPresent: Bool {
        FileManager.default.fileExists(atPath: sharedFolder.appendingPathComponent("gbdt/cases").path)
    }

    private let folder: URL

    init(_ name: String) throws {
        self.name = name
        folder = Self.sharedFolder.appendingPathComponent("gbdt/cases").appendingPathComponent(name)
        let json = try JSONSerialization.jsonObject(
            with: Data(contentsOf: folder.appendingPathComponent("params.json")))
        guard let meta = json as? [String: Any], let features = meta["features"] as? [String],
            let label = meta["label"] as? String, let rounds = meta["num_boost_round"] as? Int,
            let given = meta["params"] as? [String: Any]
        else { throw Missing() }
        self.features = features
        self.label = label
        self.rounds = rounds
        weight = meta["weight"] as? String
        earlyStopping = meta["early_stopping_rounds"] as? Int
        firstMetricOnly = meta["first_metric_only"] as? Bool ?? false
        minDelta = meta["min_delta"] as? Double ?? 0
        settings = given.map { name, value in
            let text = (value as? [String]).map { $0.joined(separator: ",") } ?? "\(value)"
            return ParameterSetting(name: name, value: text)
        }
        train = try Table(folder.appendingPathComponent("train.csv"))
        valid = try Table(folder.appendingPathComponent("valid.csv"))
    }

    func text(_ file: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    }

    /// The best iteration that LightGBM found.
    func bestIteration() throws -> Int {
        let json = try JSONSerialization.jsonObject(with: Data(text("summary.json").utf8))
        guard let summary = json as? [String: Any], let best = summary["best_iteration"] as? Int else { throw Missing() }
        return best
    }

    func table(_ file: String) throws -> Table { try Table(folder.appendingPathComponent(file)) }

    func matrix(_ table: Table) throws -> TrainingMatrix {
        try TrainingMatrix(
            featureNames: features, columns: features.map { table[$0] }, labels: table[label],
            weights: weight.map { table[$0] })
    }

    func parameters(replacing replaced: [ParameterSetting] = []) throws -> BoostParameters {
        let names = Set(replaced.map(\.name))
        var parameters = try BoostParameters(settings.filter { !names.contains($0.name) } + replaced)
        parameters.iterationCount = rounds
        parameters.earlyStoppingRounds = earlyStopping ?? 0
        parameters.firstMetricOnly = firstMetricOnly
        parameters.earlyStoppingMinDelta = minDelta
        return parameters
    }

    /// Trains the case as it was trained, the training set measured too.
    func model(_ parameters: BoostParameters) throws -> BoostedModel {
        let training = try matrix(train)
        let dataset = try Dataset(training, rows: 0..<training.rowCount, parameters: parameters)
        let validation = try matrix(valid)
        let set = try ValidationSet(
            name: "valid", validation, rows: 0..<validation.rowCount, binnedLike: dataset, isWeighted: true)
        return try BoostingTrainer.train(dataset, parameters, validation: [set], evaluatesTraining: true)
    }
}

/// A CSV file of numbers and names; an empty field is NaN.
struct Table {
    private let indices: [String: Int]
    private let columns: [[Double]]
    /// Fields as they stand in the file, row by row.
    let rows: [[Substring]]

    init(_ file: URL) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        let lines = text.split(separator: "\n")
        let names = lines[0].split(separator: ",").map(String.init)
        indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let rows = lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        self.rows = rows
        columns = names.indices.map { column in rows.map { Double($0[column]) ?? .nan } }
    }

    subscript(name: String) -> [Double] { indices[name].map { columns[$0] } ?? [] }
    var rowCount: Int { rows.count }
}
