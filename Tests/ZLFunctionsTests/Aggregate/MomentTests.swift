import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Moments of groups")
struct MomentTests {
    private static let formulas: [any MomentFormula] = [
        Spread(correction: 1, isDeviation: true), Spread(correction: 0, isDeviation: false), StandardError(), Correlation(), Slope(),
        Covariance(correction: 1),
    ] + RegressionPart.Kind.allCases.map { RegressionPart(kind: $0) }

    /// Rows of several groups and source blocks; nil is NULL.
    private struct Rows {
        var x: [Double?]
        var y: [Double?]
        var groups: [UInt32]
        var blocks: [UInt32]
        var count: Int { x.count }

        init(count: Int, groupCount: Int, blockSize: Int, value: (Int) -> Double?) {
            x = (0..<count).map(value)
            y = (0..<count).map { row in row % 13 == 7 ? nil : value((row * 7 + 3) % count).map { $0 * 0.25 + Double(row % 5) } }
            groups = (0..<count).map { UInt32(($0 * 31 + $0 / 7) % groupCount) }
            blocks = (0..<count).map { UInt32($0 / blockSize) }
        }

        static func column(_ values: ArraySlice<Double?>) -> ColumnVector {
            let builder = ColumnBuilder(type: .double)
            for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
            return builder.finish()
        }

        /// Gives some of the rows to a state, with the block of each row or, within two blocks, the border between them.
        func add(_ rows: Range<Int>, to state: MomentState, groupCount: Int, namesBlocks: Bool) throws {
            guard !rows.isEmpty else { return }
            state.grow(to: groupCount)
            let columns = [Rows.column(x[rows]), Rows.column(y[rows])]
            let (numbers, places) = (Array(groups[rows]), Array(blocks[rows]))
            try numbers.withUnsafeBufferPointer { numbers in
                try places.withUnsafeBufferPointer { places in
                    let first = try #require(numbers.baseAddress)
                    let border = places.firstIndex { $0 != places[0] } ?? rows.count
                    let named = AggregateRows(count: rows.count, groups: first, blocks: places.baseAddress)
                    let cut = AggregateRows(count: rows.count, block: Int(places[0]), border: border, groups: first)
                    try state.update(columns, namesBlocks ? named : cut)
                }
            }
        }

        /// By the definition: the rows of a group and block as they come, blocks in order.
        func naive(_ formula: any MomentFormula, group: UInt32) -> Double? {
            var total = Moments()
            for block in 0...(blocks.last ?? 0) {
                var pairs: [(Double, Double)] = []
                for row in 0..<count where groups[row] == group && blocks[row] == block {
                    guard let left = x[row], let right = formula.arity > 1 ? y[row] : 0 else { continue }
                    pairs.append((left, right))
                }
                guard let first = pairs.first else { continue }
                var sums = AnchoredSums(anchorX: first.0, anchorY: first.1)
                for pair in pairs { sums.add(pair.0, pair.1, isPair: formula.arity > 1) }
                total.add(sums.moments(pairs.count, isPair: formula.arity > 1), isPair: formula.arity > 1)
            }
            return total.count > 0 ? formula.value(total) : nil
        }
    }

    private static func isSame(_ found: Value, _ expected: Double?) -> Bool {
        guard let expected else { return found == .null }
        guard case .double(let number) = found else { return false }
        return number.bitPattern == expected.bitPattern || number.isNaN && expected.isNaN
    }

    private static let series: [@Sendable (Int) -> Double?] = [
        { Double(($0 * 7919) % 101) / 8 }, { $0 % 5 == 2 ? nil : 1e9 + Double(($0 * 104_729) % 97) / 64 }, { _ in 4.5 }, { _ in nil },
        { $0 % 29 == 3 ? .infinity : Double($0 % 17) }, { $0 % 31 == 5 ? .nan : Double($0 % 19) - 9 }, { $0 % 2 == 0 ? 0.0 : -0.0 },
    ]

    @Test("are those of the definition, bit by bit, however batches and parts are cut", arguments: [1, 2, 7, 64, 150])
    func cuts(count: Int) throws {
        for (number, value) in MomentTests.series.enumerated() {
            for groupCount in [1, 3, 40] {
                let rows = Rows(count: count, groupCount: groupCount, blockSize: 16, value: value)
                for formula in MomentTests.formulas {
                    let expected = (0..<groupCount).map { rows.naive(formula, group: UInt32($0)) }
                    for (batch, part) in [(count, count), (5, 48), (32, 32), (16, 64), (1, 16)] {
                        for namesBlocks in [true, batch > 32] {
                            let whole = MomentState(formula)
                            whole.grow(to: groupCount)
                            for start in stride(from: 0, to: count, by: part) {
                                let partial = try #require(whole.makePartial() as? MomentState)
                                let end = min(count, start + part)
                                for first in stride(from: start, to: end, by: batch) {
                                    try rows.add(first..<min(end, first + batch), to: partial, groupCount: groupCount, namesBlocks: namesBlocks)
                                }
                                partial.grow(to: groupCount)
                                try whole.merge(partial, groups: (0..<groupCount).map { UInt32($0) })
                            }
                            let direct = MomentState(formula)
                            for first in stride(from: 0, to: count, by: batch) {
                                try rows.add(first..<min(count, first + batch), to: direct, groupCount: groupCount, namesBlocks: namesBlocks)
                            }
                            direct.grow(to: groupCount)
                            let (merged, found) = (try whole.finish(), try direct.finish())
                            for group in 0..<groupCount {
                                let place = "series \(number), \(count) rows, \(groupCount) groups, \(formula), batches of \(batch), parts of \(part)"
                                #expect(MomentTests.isSame(merged.value(at: group), expected[group]), "\(place), merged")
                                #expect(MomentTests.isSame(found.value(at: group), expected[group]), "\(place)")
                            }
                        }
                    }
                }
            }
        }
    }

    /// The recurrence that others use (Welford 1962).
    private static func welford(_ values: [Double]) -> Double {
        var (count, mean, squares) = (0.0, 0.0, 0.0)
        for value in values {
            count += 1
            let distance = value - mean
            mean += distance / count
            squares += distance * (value - mean)
        }
        return squares / (count - 1)
    }

    private static func exact(_ values: [Double]) -> Double {
        let count = Float80(values.count)
        var (sum, residue, squares): (Float80, Float80, Float80) = (0, 0, 0)
        for value in values { sum += Float80(value) }
        for value in values {
            let distance = Float80(value) - sum / count
            residue += distance
            squares += distance * distance
        }
        return Double((squares - residue * residue / count) / (count - 1))
    }

    @Test("lose less than Welford's recurrence, or nothing to speak of", arguments: [100, 5000, 40_000])
    func precision(count: Int) throws {
        var noise: [Double] = []
        for row in 0..<count { noise.append(Double((row * 7919 + row * row % 977) % 1009) / 1009 - 0.5) }
        let makers: [(String, @Sendable (Int, Double) -> Double)] = [
            ("level", { _, noise in 1e9 + noise }), ("outliers", { row, noise in row % 997 == 0 ? 1e9 : noise }),
            ("shifts", { row, noise in noise + Double(row / 1000) * 1e6 }),
            ("falling", { row, noise in noise * (row < count / 2 ? 1e6 : 1e-6) }), ("trend", { row, noise in 1e8 + Double(row) + noise }),
        ]
        let kinds = makers.map { name, make in (name, noise.enumerated().map { make($0.offset, $0.element) }) }
        for (name, values) in kinds {
            let state = MomentState(Spread(correction: 1, isDeviation: false))
            state.grow(to: 1)
            for start in stride(from: 0, to: count, by: DataChunk.blockSize) {
                let rows = start..<min(count, start + DataChunk.blockSize)
                let column = Rows.column(values[rows].map { $0 }[...])
                try state.update([column], AggregateRows(count: rows.count, block: start / DataChunk.blockSize, border: rows.count, groups: nil))
            }
            guard case .double(let found) = try state.finish().value(at: 0) else {
                Issue.record("no variance of \(name)")
                continue
            }
            let exact = MomentTests.exact(values)
            let (error, other) = (abs(found - exact) / exact, abs(MomentTests.welford(values) - exact) / exact)
            #expect(error <= max(other, 2e-13), "\(name), \(count) values: \(error), Welford \(other)")
        }
    }

    @Test("of whole numbers are exact in any order")
    func wholeNumbers() throws {
        var kinds: [@Sendable (Int) -> Int64] = [{ Int64(($0 * 7919) % 101) }, { _ in -3 }]
        kinds.append { Int64.max - Int64($0 % 5) }
        kinds.append { $0 % 2 == 0 ? Int64.max : Int64.min }
        kinds.append { Int64($0 % 3) << 46 }
        kinds.append { (Int64(1) << 47) - Int64($0 % 2) }
        for kind in kinds {
            for count in [1, 2, 3, 100] {
                let values = (0..<count).map { (kind($0), kind(($0 * 3 + 1) % count)) }
                for formula in MomentTests.formulas {
                    var results: [Value] = []
                    for order in [values, values.reversed(), values.sorted { $0.0 < $1.0 }] {
                        let whole = ExactMomentState(formula)
                        whole.grow(to: 1)
                        for start in stride(from: 0, to: count, by: 40) {
                            let part = try #require(whole.makePartial())
                            part.grow(to: 1)
                            let (x, y) = (ColumnBuilder(type: .bigint), ColumnBuilder(type: .bigint))
                            let rows = order[start..<min(count, start + 40)]
                            for row in rows {
                                x.append(row.0)
                                y.append(row.1)
                            }
                            try part.update([x.finish(), y.finish()], count: rows.count, groups: nil)
                            try whole.merge(part, groups: [0])
                        }
                        results.append(try whole.finish().value(at: 0))
                    }
                    #expect(results.allSatisfy { $0 == results[0] }, "\(formula)")
                }
                let variance = ExactMomentState(Spread(correction: 0, isDeviation: false))
                variance.grow(to: 1)
                let x = ColumnBuilder(type: .bigint)
                for value in values { x.append(value.0) }
                try variance.update([x.finish()], count: count, groups: nil)
                var (mean, expected): (Float80, Float80) = (0, 0)
                // why: distances from the first value fit 80 bits, as squares of the values do not
                let distances = values.map { Float80(Int128($0.0) - Int128(values[0].0)) }
                for distance in distances { mean += distance / Float80(count) }
                for value in distances {
                    let distance = value - mean
                    expected += distance * distance / Float80(count)
                }
                guard case .double(let found) = try variance.finish().value(at: 0) else { throw ZLError(.internal, "no_value", "no variance") }
                #expect(abs(Float80(found) - expected) <= 1e-15 * expected + 1e-9, "\(values.prefix(3))")
            }
        }
    }
}
