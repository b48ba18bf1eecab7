import Glibc
import Synchronization
import Testing

@testable import ZLBoost

@Suite("Growing trees")
struct TreeTests {
    /// Gradients and hessians of rows, by bins.
    private struct Leaf {
        var histogram: [HistogramEntry]
        var sums: LeafSums

        init(bins: Int, rows: Int, weighted: Bool, _ random: inout TestRandom) {
            histogram = Array(repeating: HistogramEntry(gradient: 0, hessian: 0), count: bins)
            sums = LeafSums(gradient: 0, hessian: 0, count: rows)
            for _ in 0..<rows {
                let bin = random.integer(below: bins)
                let gradient = Double(Float(random.unit() - 0.5 + Double(bin % 7) / 20))
                let hessian = weighted ? Double(Float(0.9 + random.unit() / 5)) : 1
                histogram[bin].gradient += gradient
                histogram[bin].hessian += hessian
                sums.gradient += gradient
                sums.hessian += hessian
            }
        }
    }

    /// The gain of the best threshold by trying every one with the missing bin on either side, straight from the formulas.
    private func exhaustiveGain(_ leaf: Leaf, _ finder: SplitFinder, _ missing: MissingType) -> Double? {
        let bins = leaf.histogram.count
        func gain(_ gradient: Double, _ hessian: Double) -> Double {
            let reduced = max(0, abs(gradient) - finder.lambdaL1)
            return reduced * reduced / (hessian + finder.lambdaL2)
        }
        func count(_ hessian: Double) -> Int { Int((hessian * Double(leaf.sums.count) / leaf.sums.hessian).rounded()) }
        let values = missing == .nan ? bins - 1 : bins
        var best: Double?
        for threshold in 0..<values {
            for missingLeft in missing == .nan ? [true, false] : [true] {
                let left = (0..<bins).filter { $0 == values ? missingLeft : $0 <= threshold }
                if left.count == bins { continue }
                let leftGradient = left.reduce(0.0) { $0 + leaf.histogram[$1].gradient }
                let leftHessian = left.reduce(0.0) { $0 + leaf.histogram[$1].hessian }
                let leftCount = left.reduce(0) { $0 + count(leaf.histogram[$1].hessian) }
                let rightGradient = leaf.sums.gradient - leftGradient
                let rightHessian = leaf.sums.hessian - leftHessian
                guard min(leftCount, leaf.sums.count - leftCount) >= finder.minDataInLeaf,
                    min(leftHessian, rightHessian) >= finder.minSumHessian
                else { continue }
                let improvement =
                    gain(leftGradient, leftHessian) + gain(rightGradient, rightHessian)
                    - gain(leaf.sums.gradient, leaf.sums.hessian) - finder.minGainToSplit
                if improvement > 1e-9, improvement > best ?? 0 { best = improvement }
            }
        }
        return best
    }

    @Test("The split search finds the gain of the exhaustive search", arguments: [false, true])
    func splitSearch(weighted: Bool) throws {
        var found = 0
        for seed in 0..<300 {
            var random = TestRandom(UInt64(seed))
            let missing: MissingType = seed % 2 == 0 ? .nan : .none
            let bins = (missing == .nan ? 3 : 2) + random.integer(below: 30)
            let leaf = Leaf(bins: bins, rows: 20 + random.integer(below: 400), weighted: weighted, &random)
            let settings = try parameters(
                "min_data_in_leaf \(random.integer(below: 30)) lambda_l1 \(random.unit()) lambda_l2 \(random.unit()) min_gain_to_split \(seed % 3 == 0 ? 0.5 : 0)"
            )
            let finder = SplitFinder(settings, isConstantHessian: !weighted)
            for frequent in [0, 1] {
                let column = ColumnLayout(
                    feature: 0, binCount: bins, defaultBin: frequent, mostFrequentBin: frequent, missingType: missing)
                var best = SplitCandidate()
                let isSplittable = finder.search(
                    leaf.histogram, column, index: 0, leaf: leaf.sums, candidates: SplitCandidates(binCount: bins),
                    best: &best)
                let expected = exhaustiveGain(leaf, finder, missing)
                #expect(isSplittable == (expected != nil))
                guard let expected else { continue }
                found += 1
                #expect(abs(best.gain - expected) <= 1e-9 * max(1, expected), "seed \(seed)")
                #expect(abs(best.left.gradient + best.right.gradient - leaf.sums.gradient) < 1e-9)
                #expect(best.left.count + best.right.count == leaf.sums.count)
            }
        }
        #expect(found > 200)
    }

    @Test("A partition is stable: both sides stay ascending and together are the leaf's rows")
    func partition() {
        var random = TestRandom(9)
        let rowCount = 700
        let columns = BinColumns(width: .byte, rowCount: rowCount, columnCount: 1)
        for row in 0..<rowCount { columns.bytes(0)[row] = UInt8(random.integer(below: 10)) }
        let partition = RowPartition(rowCount: rowCount, leafCount: 8)
        partition.reset(bag: nil, count: rowCount)
        for (newLeaf, threshold) in [4, 1, 6, 2].enumerated() {
            let leaf = newLeaf == 2 ? 1 : 0
            let before = Array(partition.rows(of: leaf))
            let flipped: Int32 = newLeaf == 0 ? 9 : -1
            let node = BinnedNode(
                column: 0, threshold: Int32(threshold), flippedBin: flipped, leftChild: ~0, rightChild: ~1)
            partition.split(leaf, into: newLeaf + 1, bins: columns, by: node)
            func goesLeft(_ row: Int32) -> Bool {
                let bin = Int32(columns.bytes(0)[Int(row)])
                return bin == flipped ? bin > threshold : bin <= threshold
            }
            #expect(Array(partition.rows(of: leaf)) == before.filter(goesLeft))
            #expect(Array(partition.rows(of: newLeaf + 1)) == before.filter { !goesLeft($0) })
        }
    }

    @Test("Limits hold in every tree")
    func limits() throws {
        let data = SyntheticData(rows: 800, features: 7, seed: 3)
        let settings = try parameters("num_leaves 12 max_depth 3 min_data_in_leaf 25 num_iterations 20")
        let model = try BoostingTrainer.train(
            Dataset(data.matrix(), rows: 0..<800, parameters: settings), settings)
        #expect(model.trees.count == 20)
        for tree in model.trees {
            #expect(tree.leafCount <= 8)
            #expect(tree.leafCounts.allSatisfy { $0 >= 25 })
            #expect(tree.leafCounts.reduce(0, +) == 800)
            #expect(tree.internalCount.first == 800)
        }
    }

    /// Enough rows for searches and scores to be spread over threads.
    @Test("A model does not depend on the number of threads")
    func threads() throws {
        let data = SyntheticData(rows: 140_000, features: 9, seed: 3)
        let settings = try parameters("num_iterations 3 num_leaves 12 bagging_fraction 0.8 bagging_freq 1 metric l2")
        let matrix = try data.matrix(weighted: false)
        let models = try [1, 2, 3].map { threads in
            let dataset = try Dataset(matrix, rows: 0..<139_999, parameters: settings, threads: threads)
            let validation = try ValidationSet(name: "valid", matrix, rows: 50_000..<140_000, binnedLike: dataset, isWeighted: false)
            return try BoostingTrainer.train(dataset, settings, validation: [validation], evaluatesTraining: true, threads: threads)
        }
        #expect(models[0].trees.count == 3 && models[0].trees[2].leafCount == 12)
        #expect(models[1] == models[0])
        #expect(models[2] == models[0])
    }

    /// Few rows, and as many trees as threads are tried anew for.
    @Test("A model of few rows does not depend on the number of threads")
    func threadsOfSmallTrees() throws {
        let data = SyntheticData(rows: 900, features: 33, seed: 4)
        let settings = try parameters("num_iterations 80 num_leaves 20 bagging_fraction 0.8 bagging_freq 3 feature_fraction 0.7")
        let matrix = try data.matrix(weighted: false)
        let dataset = try Dataset(matrix, rows: 0..<900, parameters: settings)
        let models = try [1, 2, 5].map { try BoostingTrainer.train(dataset, settings, threads: $0) }
        #expect(models[0].trees.count == 80 && models[0].trees[70].leafCount == 20)
        #expect(models[1] == models[0])
        #expect(models[2] == models[0])
    }

    @Test("A team does every part of every search once, awake or asleep")
    func team() {
        let team = SearchTeam()
        team.start(helpers: 2)
        defer { team.stop() }
        for search in 0..<2000 {
            let parts = 1 + search % 7
            let done = (0..<7).map { _ in Counter() }
            if search % 200 == 0 { usleep(2000) }
            team.run(parts: parts) { done[$0].value.wrappingAdd(1, ordering: .relaxed) }
            #expect(done.map { $0.value.load(ordering: .relaxed) } == (0..<7).map { $0 < parts ? 1 : 0 })
        }
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    @Test("One split on hand-made data has the threshold, the counts and the values of the formula")
    func handMade() throws {
        let values: [Double] = [1, 1, 1, 2, 2, 2]
        let matrix = try TrainingMatrix(
            featureNames: ["a"], columns: [values], labels: [10, 10, 10, 20, 20, 20])
        let settings = try parameters(
            "min_data_in_leaf 1 min_data_in_bin 1 num_iterations 1 learning_rate 0.5 lambda_l2 1 metric l2")
        let model = try BoostingTrainer.train(Dataset(matrix, rows: 0..<6, parameters: settings), settings)
        let tree = model.trees[0]
        #expect(tree.threshold == [(1.5).nextUp])
        #expect(tree.leafCounts == [3, 3])
        // Gradients are +5 and -5 around the mean 15: -15 / (3 + 1) and 15 / (3 + 1), halved.
        #expect(tree.leafValue.map { abs($0) } == [15 - 1.875, 15 + 1.875])
        // 15^2 / 4 + 15^2 / 4 - 0
        #expect(tree.splitGain == [112.5])
    }

    @Test("Without a possible split there is one constant tree, the mean")
    func constant() throws {
        let matrix = try TrainingMatrix(featureNames: ["a"], columns: [[1, 1, 1]], labels: [1, 2, 6])
        let settings = try parameters("num_iterations 5")
        let model = try BoostingTrainer.train(Dataset(matrix, rows: 0..<3, parameters: settings), settings)
        #expect(model.trees.map(\.leafValue) == [[3]])
        #expect(predictions(model, [[7, .nan]]) == [3, 3])
    }
}
