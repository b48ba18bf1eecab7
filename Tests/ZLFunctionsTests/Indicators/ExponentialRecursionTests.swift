import Testing

@testable import ZLFunctions

@Suite("Exponential recursions")
struct ExponentialRecursionTests {
    private static let recursions: [ExponentialRecursion] = [
        ExponentialRecursion(n: 12, factor: 2.0 / 13), ExponentialRecursion(n: 26, factor: 2.0 / 27), ExponentialRecursion(n: 1, factor: 1),
        ExponentialRecursion(n: 5, factor: 0.2), ExponentialRecursion(n: 2, factor: 2.0 / 3), ExponentialRecursion(n: 200, factor: 2.0 / 201),
    ]

    private static func series(_ count: Int, _ pattern: Int, _ numbers: inout TestNumbers) -> [Double] {
        (0..<count).map { row in
            switch pattern {
            case 0: return Double(6000 + numbers.below(101)) / 100
            case 1: return numbers.normal()
            case 2: return row == count / 2 ? .nan : Double(numbers.below(9))
            case 3: return row % 997 == 500 ? .infinity : Double(row % 50)
            case 4: return 12.5
            // Leaves something of a guess for long.
            case 5: return row % 1400 < 700 ? 1e300 : 1e-300 * numbers.normal()
            default: return row % 800 < 400 ? -0.0 : Double.leastNonzeroMagnitude * Double(numbers.below(5))
            }
        }
    }

    /// One value after the other.
    private static func naive(_ recursion: ExponentialRecursion, _ x: some Sequence<Double>) -> (results: [Double], state: Double) {
        var (value, count, results) = (0.0, 0, [Double]())
        for next in x {
            if count < recursion.n { value += next } else { value += recursion.factor * (next - value) }
            count += 1
            if count == recursion.n { value /= Double(recursion.n) }
            results.append(count < recursion.n ? .nan : value)
        }
        return (results, value)
    }

    private static func areSame(_ a: Double, _ b: Double) -> Bool { a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) }

    @Test("give the bits of one value after the other, however many are run side by side and wherever they are taken up", arguments: 0..<7)
    func bits(_ pattern: Int) {
        var numbers = TestNumbers(seed: UInt64(pattern) + 3)
        for length in Array(0...40) + [511, 512, 1023, 1100, 2047, 2100, 4500, 8195, 16_384, 16_395, 20_001] {
            for runCount in length > 5000 ? [1, 2, 3] : [1, 2, 5, 17] {
                let sharesValues = runCount == 2
                let shared = ExponentialRecursionTests.series(length, pattern, &numbers)
                let series = (0..<runCount).map { _ in sharesValues ? shared : ExponentialRecursionTests.series(length, pattern, &numbers) }
                var found = series.map { [Double](repeating: 7, count: $0.count) }
                var ends = [(first: ExponentialRecursion.State, second: ExponentialRecursion.State, isKnown: Bool)]()
                let cut = length == 0 ? 0 : numbers.below(length + 1)
                let recursions = (0..<runCount).map { ExponentialRecursionTests.recursions[($0 + length) % 6] }
                // why: runs over the same values read the same memory
                withPointers(sharesValues ? [shared] : series) { x in
                    withMutablePointers(&found) { outputs in
                        var runs = (0..<runCount).map {
                            ExponentialRecursion.Run(recursions[$0], x[sharesValues ? 0 : $0], cut, from: .init(), into: outputs[$0])
                        }
                        ExponentialRecursion.advance(&runs)
                        var rest = (0..<runCount).map {
                            ExponentialRecursion.Run(
                                recursions[$0], x[sharesValues ? 0 : $0] + cut, length - cut, from: runs[$0].state, into: outputs[$0] + cut)
                        }
                        ExponentialRecursion.advance(&rest)
                        var silent = (0..<runCount).map {
                            ExponentialRecursion.Run(recursions[$0], x[sharesValues ? 0 : $0], length, from: .init(), into: nil)
                        }
                        ExponentialRecursion.advance(&silent)
                        ends = (0..<runCount).map { (rest[$0].state, silent[$0].state, rest[$0].givesNumbers) }
                    }
                }
                for run in 0..<runCount {
                    let expected = ExponentialRecursionTests.naive(recursions[run], series[run])
                    let wrong = zip(found[run], expected.results).enumerated().first { !ExponentialRecursionTests.areSame($0.element.0, $0.element.1) }
                    let what = "pattern \(pattern), run \(run) of \(runCount), \(length) values, n \(recursions[run].n)"
                    #expect(wrong == nil, "\(what), value \(wrong?.offset ?? -1)")
                    #expect(ends[run].first.isSame(as: ends[run].second), "\(what), behind the last")
                    #expect(!ends[run].isKnown || !found[run][cut...].contains { $0.isNaN }, "\(what), known to be numbers")
                }
            }
        }
    }

    @Test("are known from the last values alone where bounds of all are, and are then those of all values")
    func settled() {
        var numbers = TestNumbers(seed: 8)
        var found = [Int](repeating: 0, count: ExponentialRecursionTests.recursions.count)
        for trial in 0..<120 {
            let (place, level) = (trial % 6, [60.0, 1e-3, -250, 1e200][trial / 6 % 4])
            let recursion = ExponentialRecursionTests.recursions[place]
            let spread = [0.01, 0.3, 0.9, 1.2][trial / 24 % 4]
            // why: what comes before jumps between the bounds, or stays at one
            let x = (0..<recursion.n + recursion.settling + 700).map { (row: Int) -> Double in
                if row >= 700 { return level * (1 + spread * numbers.unit()) }
                return level * (1 + (trial % 5 == 0 || numbers.below(2) == 0 ? spread : 0))
            }
            let bounds = (x.min() ?? 0)...(x.max() ?? 0)
            let tail = Array(x.suffix(recursion.settling))
            guard let state = recursion.settled(tail, tail.count, within: bounds) else { continue }
            found[place] += 1
            let all = x.withUnsafeBufferPointer { x in
                var runs = x.baseAddress.map { [ExponentialRecursion.Run(recursion, $0, x.count, from: .init(), into: nil)] } ?? []
                ExponentialRecursion.advance(&runs)
                return runs.first?.state
            }
            #expect(all?.isSame(as: state) == true, "n \(recursion.n), level \(level), spread \(spread)")
        }
        #expect(found[0] > 15 && found[1] > 15 && found[5] > 15)
        #expect(found[2] == 0)
    }

    @Test("are not taken as known beyond bounds within which steps are monotone")
    func unsettled() {
        let recursion = ExponentialRecursion(n: 12, factor: 2.0 / 13)
        var numbers = TestNumbers(seed: 10)
        let x = (0..<recursion.settling).map { _ in 50 + 7 * numbers.unit() }
        func isKnown(_ bounds: ClosedRange<Double>, _ count: Int = 416) -> Bool { recursion.settled(x, count, within: bounds) != nil }
        #expect(isKnown(50...57))
        #expect(isKnown(30...57))
        #expect(!isKnown(0...57))
        #expect(!isKnown(-57...57))
        #expect(!isKnown(1...57))
        #expect(!isKnown(50...57, 30))
        #expect(!isKnown(50...Double.greatestFiniteMagnitude))
    }

    @Test("keep the order of neighbouring states within such bounds")
    func monotone() {
        var numbers = TestNumbers(seed: 9)
        let cases: [(Double, Double)] = [(0.153, 2.3), (0.153, 1.9), (0.9, 1.04), (0.33, 1.9), (0.01, 24)]
        for (factor, ratio) in cases {
            let recursion = ExponentialRecursion(n: 3, factor: factor)
            let probe = (0..<recursion.settling).map { _ in 1 + (ratio - 1) * numbers.unit() }
            #expect(recursion.settled(probe, probe.count, within: 1...ratio) != nil, "\(factor), \(ratio)")
            for _ in 0..<20_000 {
                let x = 1 + (ratio - 1) * numbers.unit()
                let low = 1 + (ratio - 1) * numbers.unit()
                let high = low.nextUp
                #expect(low + factor * (x - low) <= high + factor * (x - high), "\(factor), \(x), \(low)")
            }
        }
    }

    private func withPointers(_ series: [[Double]], _ body: ([UnsafePointer<Double>]) -> Void) {
        let copies = series.map { values in
            let copy = UnsafeMutablePointer<Double>.allocate(capacity: max(1, values.count))
            copy.initialize(from: values, count: values.count)
            return copy
        }
        body(copies.map { UnsafePointer($0) })
        for copy in copies { copy.deallocate() }
    }

    private func withMutablePointers(_ series: inout [[Double]], _ body: ([UnsafeMutablePointer<Double>]) -> Void) {
        let copies = series.map { UnsafeMutablePointer<Double>.allocate(capacity: max(1, $0.count)) }
        body(copies)
        for (place, copy) in copies.enumerated() {
            series[place] = Array(UnsafeBufferPointer(start: copy, count: series[place].count))
            copy.deallocate()
        }
    }
}
