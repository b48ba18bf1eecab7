import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Window sums by doubling")
struct MomentKernelTests {
    static let frames: [(Int, Int)] = [
        (0, 0), (1, 0), (2, 0), (4, 0), (6, 0), (7, 0), (12, 0), (39, 0), (40, 0), (63, 0), (1_000_000_007, 0), (0, 1), (0, 5),
        (3, 2), (5, -1), (9, -4), (-2, 6), (-1, 1), (2, 50), (-3, 2), (100, -90), (-90, 100), (4_000_000_000, 4_000_000_000),
        (4_000_000_000, -3_999_999_990),
    ]

    /// Every statistic with a moment kernel against the same one read frame by frame.
    private func check(_ x: [Double?], _ y: [Double?], _ preceding: Int, _ following: Int, filter: [Bool]?) throws {
        let fixture = try WindowFixture(
            [column(x), column(y)], frame: .rows(preceding: preceding, following: following), filter: filter)
        func one<S: MomentStatistic>(_ statistic: S) throws {
            let found = try fixture.doubles(StatisticWindow(statistic: statistic, length: nil, minimum: 0))
            let expected = fixture.single(statistic)
            #expect(
                difference(found, expected, within: 1e-11, scale: 1) == nil,
                "\(S.self), \(x.count) rows, frame (\(preceding), \(following))")
        }
        try one(Sum())
        try one(Mean())
        try one(Spread(correction: 1, isDeviation: true))
        try one(Spread(correction: 0, isDeviation: false))
        try one(ZScore())
        try one(Demean())
        try one(Covariance(correction: 1))
        try one(Covariance(correction: 0))
        try one(Correlation())
        try one(Slope())
    }

    @Test("equal frames read one by one, for every small size, frame and pattern of gaps")
    func smallSizes() throws {
        var numbers = TestNumbers(seed: 1)
        for count in 0...40 {
            for (preceding, following) in MomentKernelTests.frames {
                let pattern = (count + preceding % 7 + 7) % 6
                var x: [Double?] = (0..<count).map { _ in Double(numbers.below(20)) - 5 }
                var y: [Double?] = (0..<count).map { _ in numbers.normal() }
                var filter: [Bool]?
                switch pattern {
                case 1: for row in 0..<count where numbers.below(3) == 0 { x[row] = nil }
                case 2: for row in 0..<count where numbers.below(5) == 0 { y[row] = row % 2 == 0 ? .nan : .infinity }
                case 3: for row in 0..<count where numbers.below(8) != 0 { x[row] = 7 }
                case 4:
                    for row in 0..<min(count, 9) { x[row] = nil }
                    for row in 0..<count where numbers.below(6) == 0 { x[row] = row % 2 == 0 ? -.infinity : .nan }
                case 5: filter = (0..<count).map { _ in numbers.below(2) == 0 }
                default: break
                }
                try check(x, y, preceding, following, filter: filter)
            }
        }
    }

    @Test("equal frames read one by one across block borders", arguments: [(20, 0), (62, 0), (1023, 0), (1500, 0), (30, 5), (10, -3)])
    func manyRows(_ frame: (Int, Int)) throws {
        var numbers = TestNumbers(seed: 2)
        var x: [Double?] = (0..<2600).map { _ in 100 + numbers.normal() }
        let y: [Double?] = (0..<2600).map { _ in numbers.normal() * 1e4 }
        func compare<S: MomentStatistic>(_ statistic: S, _ filter: [Bool]? = nil) throws {
            let fixture = try WindowFixture([column(x), column(y)], frame: .rows(preceding: frame.0, following: frame.1), filter: filter)
            let found = try fixture.doubles(StatisticWindow(statistic: statistic, length: nil, minimum: 0))
            let expected = fixture.single(statistic)
            #expect(difference(found, expected, within: 1e-11, scale: 1e-3) == nil, "\(S.self)")
        }
        try compare(Mean())
        try compare(ZScore())
        try compare(Correlation())
        for row in x.indices where numbers.below(4) == 0 { x[row] = numbers.below(2) == 0 ? nil : 55 }
        x[1500] = .nan
        try compare(Mean())
        try compare(ZScore())
        try compare(Slope())
    }

    @Test("are the same bits for a series and for a longer one that begins with it")
    func appendedRows() throws {
        var numbers = TestNumbers(seed: 3)
        let long = (0..<3000).map { _ in 1e6 + numbers.normal() }
        for count in [1, 10, 900, 1024, 1025, 2500] {
            for length in [1, 7, 63, 1000, 1400, 5000] {
                func results(_ values: [Double]) throws -> [Double?] {
                    try WindowFixture([column(values)], frame: .rows(preceding: nil, following: nil))
                        .doubles(StatisticWindow(statistic: Spread(correction: 1, isDeviation: true), length: length, minimum: 0))
                }
                #expect(try results(Array(long.prefix(count))) == Array(results(long).prefix(count)), "\(count) rows, last \(length)")
            }
        }
    }

    @Test("a window of equal values has deviation 0, whatever passed before")
    func constantWindows() throws {
        var numbers = TestNumbers(seed: 4)
        var x: [Double?] = []
        for run in 0..<60 {
            let level = run % 3 == 0 ? 1e9 : numbers.normal()
            for _ in 0..<(1 + numbers.below(60)) { x.append(level) }
        }
        let fixture = try WindowFixture([column(x)], frame: .rows(preceding: 9, following: 0))
        let found = try fixture.doubles(StatisticWindow(statistic: Spread(correction: 1, isDeviation: true), length: nil, minimum: 0))
        for row in 1..<x.count {
            let window = x[max(0, row - 9)...row]
            #expect((found[row] == 0) == window.allSatisfy { $0 == window.first }, "row \(row)")
        }
    }

    @Test("statistics that share window sums have the bits that each has alone")
    func sharedSums() throws {
        var numbers = TestNumbers(seed: 3)
        for gaps in [false, true] {
            let x: [Double?] = (0..<3000).map { row in
                let level = 1e4 + Double(row / 500) * 1e6
                return gaps && row % 7 == 0 ? nil : level + numbers.normal()
            }
            let y: [Double?] = (0..<3000).map { _ in numbers.normal() }
            let fixture = try WindowFixture([column(x), column(y)], frame: .rows(preceding: 62, following: 0), filter: nil)
            let evaluators: [any WindowEvaluator] = [
                StatisticWindow(statistic: Correlation(), length: nil, minimum: 0), StatisticWindow(statistic: Slope(), length: nil, minimum: 0),
                StatisticWindow(statistic: Covariance(correction: 1), length: nil, minimum: 0),
                StatisticWindow(statistic: Correlation(), length: 20, minimum: 5),
            ]
            let outputs = evaluators.map { _ in WindowOutput(type: .double, rows: 0..<3000) }
            var shared = SharedSums()
            for (evaluator, output) in zip(evaluators, outputs) {
                shared.add(try #require(evaluator.makeWriter(fixture.partition, into: output)))
            }
            shared.write(0..<3000)
            for (evaluator, output) in zip(evaluators, outputs) {
                let found = (0..<3000).map { output.valid[$0] == 1 ? output.values(Double.self)[$0] : nil }
                #expect(difference(found, try fixture.doubles(evaluator), within: 0) == nil)
            }
        }
    }
}
