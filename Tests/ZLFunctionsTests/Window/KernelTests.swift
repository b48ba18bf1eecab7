import Glibc
import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Extremes, ranks and quantiles of windows")
struct KernelTests {
    /// Values with ties, zeros of both signs, gaps, NaN and infinities, as `pattern` says.
    private static func values(_ count: Int, _ pattern: Int, _ numbers: inout TestNumbers) -> [Double?] {
        (0..<count).map { row in
            switch pattern {
            case 0: return numbers.normal()
            case 1: return Double(numbers.below(6)) - 3
            case 2: return numbers.below(3) == 0 ? nil : Double(numbers.below(9))
            case 3: return [Double.nan, .infinity, -.infinity, 0, -0.0, 1, nil][numbers.below(7)]
            case 4: return row < 10 ? nil : (row % 11 == 0 ? .nan : Double(row % 5))
            // Too uneven to be put in order by their distances, with ties.
            case 6: return (row % 7 == 0 ? -1 : 1) * exp(Double(numbers.below(700)))
            case 7: return row % 50 == 0 ? 1e300 : Double(row % 300)
            // Neighbours out of order beside ties.
            case 9: return Double(numbers.below(3000)) / 7
            case 8: return 20 + Double(row % 1000 / 100) / 100 + Double(row) * 1e-9
            default: return numbers.below(5) == 0 ? nil : .nan
            }
        }
    }

    /// Kernels that must not change a bit.
    private func check<S: FrameStatistic>(
        _ statistic: S, _ x: [Double?], _ frame: (Int, Int), _ filter: [Bool]? = nil, minimum: Int = 0,
        every step: Int = 1
    ) throws {
        let fixture = try WindowFixture([column(x)], frame: .rows(preceding: frame.0, following: frame.1), filter: filter)
        let found = try fixture.doubles(StatisticWindow(statistic: statistic, length: nil, minimum: minimum))
        let isWanted = { (row: Int) in row % step == 0 || row % 1024 < 2 }
        let expected = fixture.single(statistic, minimum: minimum, isWanted: isWanted)
        let compared = found.indices.map { isWanted($0) ? found[$0] : nil }
        #expect(difference(compared, expected, within: 0) == nil, "\(statistic), \(x.count) rows, frame \(frame)")
    }

    @Test("equal frames read one by one, for every small size, frame and pattern of gaps", arguments: 0..<10)
    func smallSizes(_ pattern: Int) throws {
        var numbers = TestNumbers(seed: UInt64(pattern) + 11)
        for count in 0...40 {
            for frame in MomentKernelTests.frames {
                let x = KernelTests.values(count, pattern, &numbers)
                let filter: [Bool]? = numbers.below(4) == 0 ? (0..<count).map { _ in numbers.below(2) == 0 } : nil
                let minimum = numbers.below(3) == 0 ? numbers.below(5) : 0
                try check(Extreme(isGreatest: true), x, frame, filter, minimum: minimum)
                try check(Extreme(isGreatest: false), x, frame, filter, minimum: minimum)
                try check(Drawdown(), x, frame, filter, minimum: minimum)
                try check(PercentileRank(), x, frame, filter, minimum: minimum)
                try check(Quantile(fraction: 0.5), x, frame, filter, minimum: minimum)
                try check(Quantile(fraction: 0.9), x, frame, filter, minimum: minimum)
            }
        }
    }

    @Test("equal frames read one by one across block borders and above the widest pass",
        arguments: [(13, 0), (46, 0), (47, 0), (48, 0), (89, 0), (511, 0), (1022, 0), (1023, 0), (1024, 0), (1100, 0), (20, 7), (600, 600), (30, -3), (-2, 40)])
    func manyRows(_ frame: (Int, Int)) throws {
        var numbers = TestNumbers(seed: 5)
        for pattern in [0, 1, 2, 3, 6, 7, 8, 9] {
            let x = KernelTests.values([0, 8, 9].contains(pattern) ? 4300 : 2200, pattern, &numbers)
            try check(Extreme(isGreatest: true), x, frame, every: 19)
            try check(Extreme(isGreatest: false), x, frame, every: 19)
            try check(PercentileRank(), x, frame, every: 19)
            try check(Quantile(fraction: 0.5), x, frame, every: 19)
            try check(Quantile(fraction: 0.01), x, frame, every: 19)
        }
    }

    @Test("are the same bits however the rows of a partition are cut, from the rows within reach alone")
    func cuts() throws {
        var numbers = TestNumbers(seed: 6)
        let xs: [Double?] = (0..<5000).map { _ in numbers.below(9) == 0 ? nil : 1e5 + numbers.normal() }
        let ys: [Double?] = (0..<5000).map { _ in numbers.normal() }
        let (x, y) = (column(xs), column(ys))
        func spoiled(_ values: [Double?], outside kept: Range<Int>) -> ColumnVector {
            column(values.enumerated().map { kept.contains($0) ? $1 : -3e7 * Double($0 % 5 + 1) })
        }
        func one<S: FrameStatistic>(_ statistic: S, _ length: Int) throws {
            let evaluator = StatisticWindow(statistic: statistic, length: length, minimum: 1)
            let output = WindowOutput(type: .double, rows: 0..<5000)
            let whole = try WindowFixture([x, y], frame: .rows(preceding: nil, following: nil)).partition
            let reach = try #require(evaluator.reach(WindowUse(frame: whole.frame, ignoresNulls: false, isFiltered: false)))
            let piece = 1300 - length % 7
            for start in stride(from: 0, to: 5000, by: piece) {
                let end = min(start + piece, 5000)
                let kept = max(0, start - reach.before)..<min(5000, end + reach.after)
                let cut = WindowPartition(
                    arguments: [spoiled(xs, outside: kept), spoiled(ys, outside: kept)], rows: 0..<5000, frame: whole.frame,
                    peerStart: whole.peerStart, peerEnd: whole.peerEnd, targets: start..<end)
                try evaluator.evaluate(cut, into: output)
            }
            let expected = try WindowFixture([x, y], frame: .rows(preceding: nil, following: nil)).doubles(evaluator)
            let found = (0..<5000).map { output.valid[$0] == 1 ? output.values(Double.self)[$0] : nil }
            #expect(difference(found, expected, within: 0) == nil, "\(S.self) of \(length)")
        }
        for length in [5, 63, 1500] {
            try one(Mean(), length)
            try one(ZScore(), length)
            try one(Slope(), length)
            try one(Extreme(isGreatest: true), length)
            try one(PercentileRank(), length)
            try one(Quantile(fraction: 0.5), length)
            try one(Skewness(), min(length, 63))
        }
    }
}
