import Testing
import ZLColumnar

@testable import ZLFunctions

#if arch(x86_64)
/// Window statistics in 80-bit arithmetic, by the corrected two-pass formula: at least 1e-17 of the exact value on these series.
private enum Reference {
    static func mean(_ x: ArraySlice<Double>) -> Float80 {
        let first = x.reduce(Float80(0)) { $0 + Float80($1) } / Float80(x.count)
        return first + x.reduce(Float80(0)) { $0 + (Float80($1) - first) } / Float80(x.count)
    }

    /// Mean of the differences: the mean itself would lose digits even here.
    static func distance(_ value: Double, _ x: ArraySlice<Double>) -> Float80 {
        x.reduce(Float80(0)) { $0 + (Float80(value) - Float80($1)) } / Float80(x.count)
    }

    static func products(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) -> Float80 {
        let (a, b) = (mean(x), mean(y))
        var (total, left, right) = (Float80(0), Float80(0), Float80(0))
        for (p, q) in zip(x, y) {
            total += (Float80(p) - a) * (Float80(q) - b)
            left += Float80(p) - a
            right += Float80(q) - b
        }
        return total - left * right / Float80(x.count)
    }

    static func deviation(_ x: ArraySlice<Double>) -> Float80 { (products(x, x) / Float80(x.count - 1)).squareRoot() }
}

@Suite("Window statistics on ill-conditioned series err by less than 1e-12")
struct PrecisionTests {
    enum Series: String, CaseIterable { case highLevel, outliers, levelShifts, fallingScale, constantRuns }

    private static func series(_ kind: Series, _ count: Int) -> [Double] {
        var numbers = TestNumbers(seed: 7)
        return (0..<count).map { row in
            let noise = numbers.normal()
            switch kind {
            case .highLevel: return 1e9 + noise
            case .outliers: return row % 1000 == 500 ? 1e9 : noise
            case .levelShifts: return (row / 250 % 2 == 0 ? 0 : 1e9) + noise * 1e-3
            case .fallingScale: return noise * (row / 400 % 2 == 0 ? 1e6 : 1e-6)
            case .constantRuns: return (row / 97 % 3 == 0) ? noise : Double(row / 97) * 1e3 + 0.1
            }
        }
    }

    private static let lengths = [2, 5, 21, 63, 200, 1500]

    private static func rolling<S: FrameStatistic>(_ statistic: S, _ columns: [[Double]], _ length: Int) throws -> [Double?] {
        try WindowFixture(columns.map { column($0) }, frame: .rows(preceding: nil, following: nil))
            .doubles(StatisticWindow(statistic: statistic, length: length, minimum: length))
    }

    /// Calls `body` with some hundred windows of each length.
    private static func forWindows(_ count: Int, _ length: Int, _ body: (Int, Range<Int>) throws -> Void) rethrows {
        for row in stride(from: length - 1, to: count, by: length > 500 ? 53 : 11) { try body(row, (row - length + 1)..<(row + 1)) }
    }

    @Test("mean and deviation", arguments: Series.allCases)
    func meanAndDeviation(_ kind: Series) throws {
        let x = PrecisionTests.series(kind, 4000)
        for length in PrecisionTests.lengths {
            let means = try PrecisionTests.rolling(Mean(), [x], length)
            let deviations = try PrecisionTests.rolling(Spread(correction: 1, isDeviation: true), [x], length)
            let scores = try PrecisionTests.rolling(ZScore(), [x], length)
            PrecisionTests.forWindows(x.count, length) { row, range in
                let window = x[range]
                let greatest = window.reduce(0) { max($0, abs($1)) }
                let mean = Reference.mean(window)
                #expect(abs(Float80(means[row] ?? .nan) - mean) <= 1e-12 * Float80(greatest), "mean of \(length) at \(row)")
                if window.allSatisfy({ $0 == window.first }) {
                    #expect(deviations[row] == 0 && scores[row] == nil, "constant window of \(length) at \(row)")
                    return
                }
                let deviation = Reference.deviation(window)
                #expect(abs(Float80(deviations[row] ?? .nan) - deviation) <= 1e-12 * deviation, "deviation of \(length) at \(row)")
                let score = Reference.distance(x[row], window) / deviation
                #expect(abs(Float80(scores[row] ?? .nan) - score) <= 1e-12 * max(abs(score), 1), "z-score of \(length) at \(row)")
            }
        }
    }

    @Test("correlation and slope", arguments: Series.allCases)
    func correlationAndSlope(_ kind: Series) throws {
        let x = PrecisionTests.series(kind, 4000)
        var numbers = TestNumbers(seed: 8)
        let y = x.enumerated().map { $1 * 0.5 + numbers.normal() * ($0 % 3 == 0 ? 1 : 1e-3) }
        for length in PrecisionTests.lengths {
            let correlations = try PrecisionTests.rolling(Correlation(), [x, y], length)
            let slopes = try PrecisionTests.rolling(Slope(), [x, y], length)
            PrecisionTests.forWindows(x.count, length) { row, range in
                let (left, right) = (Reference.products(x[range], x[range]), Reference.products(y[range], y[range]))
                if left == 0 || right == 0 { return }
                let shared = Reference.products(x[range], y[range])
                let correlation = shared / (left * right).squareRoot()
                #expect(
                    abs(Float80(correlations[row] ?? .nan) - correlation) <= 1e-12 * max(abs(correlation), 1),
                    "correlation of \(length) at \(row)")
                let slope = shared / right
                #expect(abs(Float80(slopes[row] ?? .nan) - slope) <= 1e-12 * max(abs(slope), 1), "slope of \(length) at \(row)")
            }
        }
    }
}
#endif
