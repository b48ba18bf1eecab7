import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Indicators over partitions")
struct IndicatorWindowTests {
    private func check<I: Indicator>(_ indicator: I, _ columns: [[Double?]]) throws {
        func results(_ extra: [Double?]) throws -> [Double?] {
            try WindowFixture(columns.map { column($0 + extra) }, frame: .rows(preceding: nil, following: nil))
                .doubles(IndicatorWindow(indicator: indicator))
        }
        // A NULL in the last row has the values copied, and changes no row before it.
        #expect(difference(try results([]) + [nil], try results([nil]), within: 0) == nil, "\(indicator), \(columns[0].count) rows")
    }

    @Test("without NULLs are what they are beside a NULL", arguments: [1, 2, 5, 6, 40])
    func inPlace(_ count: Int) throws {
        var numbers = TestNumbers(seed: UInt64(count) + 41)
        let close: [Double?] = (0..<count).map { $0 % 17 == 13 ? .nan : 50 + numbers.normal() }
        let high = close.map { $0.map { $0 + 1 } }
        let low = close.map { $0.map { $0 - 1 } }
        try check(ExponentialAverage(n: 5), [close])
        try check(RelativeStrength(n: 4), [close])
        try check(ConvergenceDivergence(fast: 3, slow: 6, signal: 2, output: .signal), [close])
        try check(AverageTrueRange(n: 3), [high, low, close])
        try check(Stochastic(n: 3, smoothing: 2), [high, low, close])
        try check(Change(n: 2, output: .logarithm), [close])
    }
}
