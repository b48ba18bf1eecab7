import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Extremes in lanes")
struct ExtremeTests {
    /// min(x) and max(x) of one group row by row, by the definition: NaN is the greatest, of 0 and -0 the first stays.
    private func naive(_ values: [Double], wantsLess: Bool) -> Double {
        values.dropFirst().reduce(values[0]) { best, value in
            let isLess = { (a: Double, b: Double) in a < b || (b.isNaN && !a.isNaN) }
            return wantsLess ? (isLess(value, best) ? value : best) : (isLess(best, value) ? value : best)
        }
    }

    private func found(_ values: [Double], wantsLess: Bool) throws -> Double {
        let kernel = try #require(ChoiceKernel.of(.float64))
        let state = ExtremeState(type: .double, wantsLess: wantsLess, kernel: kernel)
        let builder = ColumnBuilder(type: .double)
        for value in values { builder.append(value) }
        state.grow(to: 1)
        try state.update([builder.finish()], AggregateRows(count: values.count, block: 0, border: values.count, groups: nil))
        let result = try state.finish()
        return withExtendedLifetime(result) { result.values(Double.self)[0] }
    }

    @Test("equal the walk over all rows, bit by bit", arguments: [1, 2, 31, 32, 33, 47, 48, 100])
    func equalNaive(count: Int) throws {
        let specials = [0.0, -0.0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -7.5]
        for (index, special) in specials.enumerated() {
            for other in specials {
                for place in stride(from: 0, to: count, by: max(1, count / 9)) {
                    for offset in [-50.0, 0, 50] {
                        var values = (0..<count).map { Double(($0 * 7919 + index) % 101) - 50 + offset }
                        values[place] = special
                        values[count - 1 - place / 2] = other
                        for wantsLess in [true, false] {
                            let (fast, slow) = (try found(values, wantsLess: wantsLess), naive(values, wantsLess: wantsLess))
                            #expect(fast.bitPattern == slow.bitPattern || fast.isNaN && slow.isNaN, "\(values), \(wantsLess)")
                        }
                    }
                }
            }
        }
        let infinite = [Double](repeating: wantsInfinity, count: count)
        #expect(try found(infinite, wantsLess: true) == .infinity && found(infinite, wantsLess: false) == .infinity)
    }

    private let wantsInfinity = Double.infinity
}
