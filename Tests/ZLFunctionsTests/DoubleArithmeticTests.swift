import CKernels
import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Arithmetic of doubles")
struct DoubleArithmeticTests {
    private static let values: [Double] = [
        0, -0.0, 1, -1.5, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, 0.1, 1e-300, 1e300, 0x1p53, 3,
    ]

    private func areSame(_ a: Double, _ b: Double) -> Bool { a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN) }

    private func column(_ values: [Double]) -> ColumnVector {
        let builder = ColumnBuilder(type: .double, capacity: max(values.count, 1))
        for value in values { builder.append(value) }
        return builder.finish()
    }

    private func evaluate(_ operation: Arithmetic.Operation, _ a: ColumnVector, _ b: ColumnVector, _ count: Int) throws -> [Double] {
        let function = try #require(Arithmetic.functions.first { $0.description.name == operation.rawValue })
        let signature = ResolvedSignature(arguments: [.double, .double], result: .double, cost: 0)
        let result = try function.overloads[0].kernel([a, b], count, signature)
        return withExtendedLifetime(result) { (0..<count).map { result.values(Double.self)[$0] } }
    }

    @Test("gives the bits of one value at a time, for every small size and constants on either side")
    func bits() throws {
        let operations: [(Arithmetic.Operation, (Double, Double) -> Double)] = [(.add, { $0 + $1 }), (.subtract, { $0 - $1 }), (.multiply, { $0 * $1 })]
        let values = DoubleArithmeticTests.values
        for (operation, naive) in operations {
            for count in Array(0...40) + [256] {
                let x = (0..<count).map { values[$0 % 16] }
                let y = (0..<count).map { values[($0 / 16 + $0 * 5) % 16] }
                let flat = try evaluate(operation, column(x), column(y), count)
                #expect((0..<count).allSatisfy { areSame(flat[$0], naive(x[$0], y[$0])) }, "\(operation), \(count) rows")
                for value in values {
                    let constant = ColumnVector.constant(.double(value), type: .double, count: count)
                    let left = try evaluate(operation, constant, column(y), count)
                    let right = try evaluate(operation, column(x), constant, count)
                    let both = try evaluate(operation, constant, constant, count)
                    #expect(
                        (0..<count).allSatisfy {
                            areSame(left[$0], naive(value, y[$0])) && areSame(right[$0], naive(x[$0], value)) && areSame(both[$0], naive(value, value))
                        }, "\(operation), \(value), \(count) rows")
                }
            }
        }
    }

    @Test("adds up in sixteen lanes, those in pairs, and the rest in order, for every small size")
    func lanes() {
        for start in 0..<4 {
            for count in Array(0...70) + [2048] {
                // why: from the third start on there is neither NaN nor infinity to hide behind
                let values = (0..<count).map { row in
                    start < 2 ? DoubleArithmeticTests.values[(row * 7 + start) % (row > 20 ? 16 : 4)] : Double(row * 7919 % 1013 - 500) / 997 * (start == 2 ? 1 : 1e17)
                }
                var lanes = [Double](repeating: 0, count: 16)
                for row in 0..<count / 16 * 16 { lanes[row % 16] += values[row] }
                var half = 8
                while half > 0 {
                    for lane in 0..<half { lanes[lane] += lanes[lane + half] }
                    half /= 2
                }
                let expected = lanes[0] + values[(count / 16 * 16)...].reduce(0, +)
                #expect(areSame(zl_sum_lanes(values, count), expected), "\(count) rows")
            }
        }
    }

    @Test("takes the double nearest to a whole number, ties to even, for every small size")
    func nearest() throws {
        let near: [Int64] = [0, 1, -1, 1 << 53, 1 << 53 + 1, 1 << 53 + 3, -(1 << 53) - 1, 1 << 62 + 257, .max, .max - 511, .max - 512, .min, .min + 513]
        for count in 0...40 {
            let values = (0..<count).map { near[$0 * 7 % 13] &+ Int64($0 / 13) }
            let builder = ColumnBuilder(type: .bigint, capacity: max(count, 1))
            for (row, value) in values.enumerated() {
                if row % 5 == 4 { builder.appendNull() } else { builder.append(value) }
            }
            let found = DoubleArithmetic.nearest(builder.finish())
            for (row, value) in values.enumerated() {
                #expect(found.isNull(row) == (row % 5 == 4))
                if row % 5 != 4 { #expect(found.values(Double.self)[row] == Double(value), "\(value)") }
            }
        }
    }
}
