import Testing

@testable import ZLFunctions

/// Indicators over n rows equal what reading the n rows gives.
@Suite struct SlidingWindowTests {
    static func series(_ count: Int, level: Double) -> [Double] {
        var state: UInt64 = 42
        return (0..<count).map { row in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Double(state >> 40) / 1e6 - 8
            return row % 97 < 5 ? level : level + (noise * 4).rounded() / 4
        }
    }

    static func run(_ indicator: some Indicator, _ inputs: [[Double]]) -> [Double] {
        let count = inputs[0].count
        var output = [Double](repeating: .nan, count: count)
        inputs[0].withUnsafeBufferPointer { a in
            inputs[min(1, inputs.count - 1)].withUnsafeBufferPointer { b in
                inputs[inputs.count - 1].withUnsafeBufferPointer { c in
                    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                    indicator.compute(Array([a, b, c].prefix(inputs.count)), count, into: &output)
                }
            }
        }
        return output
    }

    static func expectEqual(_ found: [Double], _ expected: [Double], _ tolerance: Double, _ what: String) {
        for (row, (a, b)) in zip(found, expected).enumerated() {
            #expect(a.isNaN == b.isNaN && (a.isNaN || abs(a - b) <= tolerance * max(1, abs(b))), "\(what) row \(row): \(a) not \(b)")
        }
    }

    static let shapes: [(count: Int, n: Int)] =
        (1...40).flatMap { count in [1, 2, 3, 7, 12].map { (count, $0) } } + [(1023, 5), (1024, 14), (1025, 20), (3000, 14), (3000, 90), (2500, 1500)]

    @Test(arguments: [0.0, 1e6])
    func averages(level: Double) {
        for (count, n) in Self.shapes {
            let x = Self.series(count, level: level)
            func window(_ row: Int) -> ArraySlice<Double>? { row >= n - 1 ? x[(row - n + 1)...row] : nil }
            let weighted = (0..<count).map { row -> Double in
                guard let window = window(row) else { return .nan }
                return window.enumerated().reduce(0.0) { $0 + Double($1.offset + 1) * $1.element } / Double(n * (n + 1) / 2)
            }
            Self.expectEqual(Self.run(WeightedAverage(n: n), [x]), weighted, 1e-13, "wma \(count) \(n)")
            let bands = (0..<count).map { row -> (mean: Double, deviation: Double)? in
                guard let window = window(row) else { return nil }
                let first = window[window.startIndex]
                let mean = window.reduce(0.0) { $0 + ($1 - first) } / Double(n)
                let squares = window.reduce(0.0) { $0 + ($1 - first - mean) * ($1 - first - mean) }
                return (first + mean, (squares / Double(n)).squareRoot())
            }
            let upper = bands.map { $0.map { $0.mean + 2 * $0.deviation } ?? .nan }
            Self.expectEqual(Self.run(BollingerBand(n: n, k: 2, output: .upper), [x]), upper, 1e-12, "upper \(count) \(n)")
            let percent = zip(x, bands).map { value, band in
                band.map { $0.deviation == 0 ? .nan : (value - $0.mean + 2 * $0.deviation) / (4 * $0.deviation) } ?? .nan
            }
            Self.expectEqual(
                Self.run(BollingerBand(n: n, k: 2, output: .percentB), [x]), percent, level == 0 ? 1e-12 : 1e-8, "percent b \(count) \(n)")
        }
    }

    @Test(arguments: [1, 3])
    func stochastic(smoothing: Int) {
        for (count, n) in Self.shapes {
            let close = Self.series(count, level: 60)
            let high = close.enumerated().map { $1 + Double($0 % 3) }
            let low = close.enumerated().map { $1 - Double($0 % 4) }
            let raw = (0..<count).map { row -> Double in
                guard row >= n - 1 else { return .nan }
                let (most, least) = (high[(row - n + 1)...row].max() ?? .nan, low[(row - n + 1)...row].min() ?? .nan)
                return most == least ? .nan : 100 * (close[row] - least) / (most - least)
            }
            let expected = (0..<count).map { row in
                row >= n + smoothing - 2 ? raw[(row - smoothing + 1)...row].reduce(0, +) / Double(smoothing) : .nan
            }
            Self.expectEqual(Self.run(Stochastic(n: n, smoothing: smoothing), [high, low, close]), expected, 1e-12, "\(count) \(n)")
        }
    }
}
