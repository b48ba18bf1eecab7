import Testing
import ZLColumnar

@testable import ZLBoost

@Suite("Models")
struct ModelTests {
    private static func model(_ text: String = "", weighted: Bool = false) throws -> BoostedModel {
        let data = SyntheticData(rows: 500, features: 6, seed: 11)
        let settings = try parameters(
            "learning_rate 0.0371 " + (text.contains("num_iterations") ? "" : "num_iterations 12 ") + (text.contains("num_leaves") ? "" : "num_leaves 9 ") + text)
        let matrix = try data.matrix(weighted: weighted)
        var model = try BoostingTrainer.train(Dataset(matrix, rows: 0..<500, parameters: settings), settings)
        model.history = MetricHistory()
        return model
    }

    @Test("Writing and reading a model is the identity", arguments: ["", "objective l1", "zero_as_missing true", "num_iterations 0"])
    func identity(text: String) throws {
        let words = text == "num_iterations 0" ? "" : text
        var model = try Self.model(words, weighted: true)
        if text == "num_iterations 0" { model.trees = [] }
        let written = model.text()
        let read = try BoostedModel(parsing: written)
        #expect(read == model)
        #expect(read.text() == written)
        let crlf = written.replacing("\n", with: "\r\n")
        #expect(try BoostedModel(parsing: crlf) == model)
    }

    @Test("Tree sizes are the bytes of the blocks")
    func treeSizes() throws {
        let text = try Self.model().text()
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("tree_sizes=") })
        let sizes = line.dropFirst("tree_sizes=".count).split(separator: " ").compactMap { Int($0) }
        var rest = try #require(text.firstRange(of: "Tree=0")).lowerBound
        for (index, size) in sizes.enumerated() {
            #expect(text[rest...].hasPrefix("Tree=\(index)\n"))
            rest = text.utf8.index(rest, offsetBy: size)
        }
        #expect(text[rest...].hasPrefix("end of trees\n"))
    }

    /// Rows by rank for trees of up to 64 leaves, more thresholds of a feature than one plane of ranks holds, node by node for 90.
    @Test(
        "Predictions are those of a walk down every tree",
        arguments: [
            "zero_as_missing false", "zero_as_missing true", "use_missing false", "num_leaves 33 min_data_in_leaf 2", "num_leaves 64 min_data_in_leaf 1",
            "num_leaves 90 min_data_in_leaf 1", "num_leaves 31 min_data_in_leaf 1 max_bin 2000 min_data_in_bin 1 num_iterations 99",
        ])
    func predictionTwin(text: String) throws {
        let model = try Self.model(text, weighted: true)
        var random = TestRandom(77)
        let special: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, 1e-36, .leastNonzeroMagnitude]
        let columns: [[Double]] = (0..<6).map { _ in
            (0..<777).map { _ in
                random.unit() < 0.2 ? special[random.integer(below: special.count)] : random.unit() * 4 - 2
            }
        }
        for limit in [0, 1, 7, 12, 99] {
            let naive = (0..<777).map { row in
                model.trees.prefix(limit).reduce(0) { $0 + value($1, columns.map { $0[row] }) }
            }
            #expect(predictions(model, columns, iterations: limit) == naive)
            for count in [1, 31, 32, 65, 256] {
                #expect(predictions(model, columns.map { Array($0.prefix(count)) }, iterations: limit) == Array(naive.prefix(count)))
            }
        }
    }

    @Test("Trees of many leaves are left to the walk")
    func wideTrees() throws {
        #expect(try RankedForest(Self.model("num_leaves 64 min_data_in_leaf 1").trees) != nil)
        let wide = try Self.model("num_leaves 90 min_data_in_leaf 1")
        #expect(wide.trees.contains { $0.leafCount > 64 })
        #expect(RankedForest(wide.trees) == nil)
    }

    private func value(_ tree: Tree, _ row: [Double]) -> Double {
        var node: Int32 = tree.leafCount > 1 ? 0 : ~0
        while node >= 0 {
            let index = Int(node)
            var value = row[Int(tree.splitFeature[index])]
            let missing = MissingType(rawValue: tree.decisionType[index] >> 2)
            var goesLeft: Bool
            if value.isNaN && missing != .nan { value = 0 }
            if value.isNaN || (missing == .zero && abs(value) <= BinBounds.zeroThreshold) {
                goesLeft = tree.decisionType[index] & 2 != 0
            } else {
                goesLeft = value <= tree.threshold[index]
            }
            node = goesLeft ? tree.leftChild[index] : tree.rightChild[index]
        }
        return tree.leafValue[Int(~node)]
    }

    @Test("Every cut of a model's text is an error, never a crash")
    func cuts() throws {
        let text = try Self.model("num_leaves 4").text()
        let end = try #require(text.firstRange(of: "end of trees"))
        let bytes = Array(text[..<end.lowerBound].utf8)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            let cut = String(decoding: bytes[..<length], as: UTF8.self)
            #expect(throws: ZLError.self) { try BoostedModel(parsing: cut) }
        }
    }

    @Test("Any damaged byte gives an error or a model that predicts, never a crash")
    func damage() throws {
        let bytes = Array(try Self.model("num_leaves 4").text().utf8)
        var random = TestRandom(1)
        let columns: [[Double]] = (0..<6).map { _ in [0.5, .nan, -3] }
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0...random.integer(below: 3) {
                let alphabet = Array("0123456789-. =\n[]:eainf".utf8) + [0, 255]
                damaged[random.integer(below: damaged.count)] = alphabet[random.integer(below: alphabet.count)]
            }
            guard let model = try? BoostedModel(parsing: String(decoding: damaged, as: UTF8.self)) else { continue }
            if model.featureNames.count == 6 { #expect(predictions(model, columns).count == 3) }
        }
    }

    @Test(
        "A malformed model is refused with its line",
        arguments: [
            ("left_child=", "left_child=0 ", "line"),
            ("num_leaves=", "num_leaves=999999999999 #", "expected an integer"),
            ("num_leaves=4", "num_leaves=5", "expected 5"),
            ("max_feature_idx=5", "max_feature_idx=6", "line 6"),
            ("objective=regression", "objective=binary sigmoid:1", "not implemented"),
            ("num_class=1", "num_class=3", "num_class"),
            ("num_cat=0", "num_cat=1", "categorical"),
            ("is_linear=0", "is_linear=1", "linear"),
            ("Tree=1\n", "Tree=2\n", "expected Tree=1"),
            ("version=v4", "version=v9", "version"),
            ("tree\n", "bush\n", "line 1"),
        ])
    func malformed(old: String, new: String, message: String) throws {
        let text = try Self.model("num_leaves 4").text()
        let range = try #require(text.firstRange(of: old))
        let changed = text.replacingCharacters(in: range, with: new)
        #expect { try BoostedModel(parsing: changed) } throws: { "\($0)".contains(message) }
    }

    @Test("A cycle is refused")
    func cycle() throws {
        let text = try Self.model("num_leaves 4").text()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("left_child=") ? "left_child=0 1 2" : String(line)
        }
        #expect { try BoostedModel(parsing: lines.joined(separator: "\n")) } throws: {
            "\($0)".contains("no tree")
        }
    }

    @Test("Metric history reads back to the same bits")
    func history() throws {
        var history = MetricHistory()
        history.series = [
            .init(dataset: "valid", metric: "l1", values: [0.1, 1 / 3, 1e-300]),
            .init(dataset: "valid", metric: "l2", values: [2]),
        ]
        #expect(try MetricHistory(parsing: history.text) == history)
        #expect(try MetricHistory(parsing: MetricHistory().text) == MetricHistory())
        #expect(throws: ZLError.self) { try MetricHistory(parsing: "") }
        #expect(throws: ZLError.self) { try MetricHistory(parsing: history.text + "valid,l2,7,1\n") }
    }
}

extension String {
    /// This text with one piece replaced.
    func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
