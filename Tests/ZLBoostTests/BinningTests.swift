import CKernels
import Glibc
import Testing

@testable import ZLBoost

@Suite("Binning")
struct BinningTests {
    private let zero = BinBounds.zeroThreshold

    private func mapper(_ values: [Double], _ text: String = "") throws -> BinMapper {
        BinMapper(sample: values, parameters: try parameters("min_data_in_bin 1 " + text), filterRows: 0)
    }

    @Test("An all-positive feature begins with the zero bin")
    func positive() throws {
        let bins = try mapper([1, 2, 3, 3])
        #expect(bins.upperBounds == [zero, (1.5).nextUp, (2.5).nextUp, .infinity])
        #expect(bins.missingType == .none)
        #expect(bins.minimum == 1 && bins.maximum == 3)
        #expect([0, 1, 2, 3, 99, -5].map { bins.bin(of: $0) } == [0, 1, 2, 3, 3, 0])
    }

    @Test("Zero has a bin of its own between negative and positive values")
    func aroundZero() throws {
        let bins = try mapper([-2, -1, 1, 2])
        #expect(bins.upperBounds == [(-1.5).nextUp, -zero, zero, (1.5).nextUp, .infinity])
        #expect(bins.defaultBin == 2)
    }

    @Test("NaNs have the last bin, or count as zero")
    func missing() throws {
        let values: [Double] = [.nan, 1, 2]
        let bins = try mapper(values)
        #expect(bins.missingType == .nan)
        #expect(bins.binCount == 4 && bins.upperBounds[3].isNaN)
        #expect(bins.bin(of: .nan) == 3)
        let without = try mapper(values, "use_missing false")
        #expect(without.missingType == .none && without.bin(of: .nan) == without.bin(of: 0))
        let zeroMissing = try mapper(values, "zero_as_missing true")
        #expect(zeroMissing.missingType == .zero && zeroMissing.bin(of: .nan) == zeroMissing.bin(of: 0))
    }

    @Test("Features that no split can use are trivial")
    func trivial() throws {
        let some = try parameters("")
        #expect(BinMapper(sample: [5, 5, 5, 5], parameters: some, filterRows: 1).isTrivial)
        #expect(BinMapper(sample: [0, 0, 0], parameters: some, filterRows: nil).isTrivial)
        let split: [Double] = Array(repeating: 1, count: 10) + Array(repeating: 2, count: 3)
        #expect(BinMapper(sample: split, parameters: some, filterRows: 4).isTrivial)
        #expect(!BinMapper(sample: split, parameters: some, filterRows: 3).isTrivial)
    }

    @Test("Bounds ascend, stay within max_bin, and every value lies between the bounds of its bin")
    func invariants() throws {
        for seed in 0..<40 {
            var random = TestRandom(UInt64(seed))
            let count = 1 + random.integer(below: 400)
            let grid = [0.0, 0.5, 0.01][random.integer(below: 3)]
            let values: [Double] = (0..<count).map { _ in
                let value = random.unit() * 10 - Double(seed % 3) * 5
                if random.unit() < 0.1 { return .nan }
                return grid == 0 ? value : (value / grid).rounded() * grid
            }
            let maxBin = 2 + random.integer(below: 60)
            let bins = try mapper(values, "max_bin \(maxBin)")
            let bounds = bins.missingType == .nan ? Array(bins.upperBounds.dropLast()) : bins.upperBounds
            #expect(bins.binCount <= maxBin)
            #expect(bounds.last == .infinity)
            #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
            let columns = BinColumns(width: .byte, rowCount: count, columnCount: 1)
            values.withUnsafeBufferPointer { columns.fill(0, from: $0, by: bins) }
            for (row, value) in values.enumerated() {
                let naive = value.isNaN ? bins.bin(of: .nan) : bounds.firstIndex { $0 >= value }
                #expect(Int(columns.bytes(0)[row]) == naive)
                #expect(bins.bin(of: value) == naive)
            }
        }
    }

    @Test("A rank table finds the place that a walk over the bounds finds, however they are spread")
    func ranks() throws {
        var random = TestRandom(5)
        let special: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, 1e308, -1e308]
        let spreads: [@Sendable (Double) -> Double] = [
            { $0 }, { $0 * 1e308 }, { $0 * .leastNonzeroMagnitude * 100 }, { $0 < 0 ? -exp($0 * -700) : exp($0 * 700) }, { ($0 * 20).rounded() },
            { $0 < -0.9 ? -.infinity : $0 > 0.9 ? .infinity : $0 }, { _ in 3 },
        ]
        for (number, spread) in spreads.enumerated() {
            for count in [0, 1, 2, 17, 100, 255] {
                let bounds = Set((0..<count).map { _ in spread(random.unit() * 2 - 1) }).sorted()
                let table = RankTable(bounds)
                let values = bounds + special + (0..<400).map { _ in spread(random.unit() * 2.2 - 1.1) }
                for (nan, zeros, limit) in [(1, 0, 0.0), (0, 1, 1e-3), (0, 0, 0.0)] {
                    var ranks: [UInt8] = Array(repeating: 77, count: values.count)
                    let missing = ZLMissing(nan: Int32(nan), zeros: Int32(zeros), zero: limit, rank: 99)
                    table.rank(values, count: values.count, missing: missing, base: 0, into: &ranks)
                    let naive = values.map { value in
                        if value.isNaN && nan == 1 { return UInt8(99) }
                        let number = value.isNaN ? 0 : value
                        if zeros == 1 && abs(number) <= limit { return 99 }
                        return UInt8(bounds.count { $0 < number })
                    }
                    #expect(ranks == naive, "spread \(number), \(count) bounds")
                }
            }
        }
    }

    @Test("More than 256 bins take two bytes a value")
    func wide() throws {
        let values = (1...1000).map { Double($0) }
        let matrix = try TrainingMatrix(featureNames: ["a"], columns: [values], labels: values)
        let wide = try Dataset(
            matrix, rows: 0..<1000, parameters: parameters("max_bin 1000 min_data_in_bin 1 min_data_in_leaf 1"))
        #expect(wide.bins.width == .word)
        #expect(wide.bins.words(0)[999] > 900)
        #expect(try Dataset(matrix, rows: 0..<1000, parameters: parameters("")).bins.width == .byte)
    }

    @Test("A matrix refuses what cannot be trained on")
    func refusals() {
        #expect { try TrainingMatrix(featureNames: ["a b"], columns: [[1]], labels: [1]) } throws: {
            "\($0)".contains("a b")
        }
        #expect { try TrainingMatrix(featureNames: ["a"], columns: [[1, 2]], labels: [1, .nan]) } throws: {
            "\($0)".contains("row 2")
        }
        #expect {
            try TrainingMatrix(featureNames: ["a"], columns: [[1, 2]], labels: [1, 2], weights: [-1, 1])
        } throws: { "\($0)".contains("row 1 is -1.0") }
        #expect(throws: (any Error).self) { try TrainingMatrix(featureNames: [], columns: [[Double]](), labels: []) }
    }

    @Test("A sample sorts by its bits as by comparison", arguments: [0, 1, 1023, 1024, 5000])
    func sampleSort(count: Int) {
        var random = TestRandom(UInt64(count))
        var values: [Double] = (0..<count).map { row in
            switch row % 5 {
            case 0: random.unit() - 0.5
            case 1: Double(random.integer(below: 10)) - 4.5
            case 2: row % 2 == 0 ? .infinity : -.infinity
            case 3: (random.unit() - 0.5) * 1e300
            default: (random.unit() - 0.5) * 1e-300
            }
        }
        let expected = values.sorted()
        SampleSort.sort(&values)
        #expect(values == expected)
    }
}
