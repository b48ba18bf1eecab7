/// The shortest decimal that reads back to a double, nearest to it among those of equal length.
///
/// Schubfach: Raffaello Giulietti, "The Schubfach way to render doubles" (2021). The three bounds of the rounding interval are
/// scaled by a power of ten with 128 bits; here the power is exact, for only 10^0 to 10^55 are kept.
package struct ShortestDouble {
    /// Up to 17 digits, without zeros at the end unless the value is zero.
    package private(set) var digits: UInt64
    /// The value is `digits * 10^exponent`.
    package private(set) var exponent: Int

    private static let greatestPower = 55

    /// 10^k for 0 to 55 moved to the top of 128 bits.
    private static let powers: [(high: UInt64, low: UInt64)] = {
        var power: UInt128 = 1
        var found: [(high: UInt64, low: UInt64)] = []
        for exponent in 0...greatestPower {
            let shifted = power << UInt128(power.leadingZeroBitCount)
            found.append((UInt64(truncatingIfNeeded: shifted >> 64), UInt64(truncatingIfNeeded: shifted)))
            if exponent < greatestPower { power *= 5 }
        }
        return found
    }()

    private static let significandBits = 52
    private static let hiddenBit: UInt64 = 1 << 52
    private static let bias = 1075

    /// nil for numbers below about 1e-38 or above 2^56, which are rare, and for zero and those that are not finite.
    package init?(_ magnitude: Double) {
        let significand = magnitude.significandBitPattern
        let biased = Int(magnitude.exponentBitPattern)
        guard biased > 0, biased < 2047 else { return nil }
        let c = ShortestDouble.hiddenBit | significand
        let q = biased - ShortestDouble.bias
        if q <= 0, -q <= ShortestDouble.significandBits, c.trailingZeroBitCount >= -q {
            (digits, exponent) = (c >> UInt64(-q), 0)
            dropZeros()
            return
        }
        let isEven = c & 1 == 0
        let isCloserBelow = significand == 0 && biased > 1
        // why: floor(log10(2^q)), and of 3/4 of it at a power of two, where the lower neighbour is nearer.
        let k = (q * 1_262_611 - (isCloserBelow ? 524_031 : 0)) >> 22
        guard -k >= 0, -k <= ShortestDouble.greatestPower else { return nil }
        let power = ShortestDouble.powers[-k]
        let shift = UInt64(q + (-k * 1_741_647) >> 19 + 1)
        let lower = ShortestDouble.scaled(power, (4 * c - 2 + (isCloserBelow ? 1 : 0)) << shift) + (isEven ? 0 : 1)
        let middle = ShortestDouble.scaled(power, (4 * c) << shift)
        let upper = ShortestDouble.scaled(power, (4 * c + 2) << shift) - (isEven ? 0 : 1)
        let s = middle / 4
        if s >= 10 {
            let tenth = s / 10
            let isBelowInside = lower <= 40 * tenth
            let isAboveInside = 40 * tenth + 40 <= upper
            if isBelowInside != isAboveInside {
                (digits, exponent) = (tenth + (isAboveInside ? 1 : 0), k + 1)
                dropZeros()
                return
            }
        }
        let isBelowInside = lower <= 4 * s
        let isAboveInside = 4 * s + 4 <= upper
        if isBelowInside != isAboveInside {
            (digits, exponent) = (s + (isAboveInside ? 1 : 0), k)
        } else {
            let half = 4 * s + 2
            (digits, exponent) = (s + (middle > half || (middle == half && s & 1 == 1) ? 1 : 0), k)
        }
        dropZeros()
    }

    /// The upper 64 bits of the product, with the last one set where anything was cut off.
    @inline(__always)
    private static func scaled(_ power: (high: UInt64, low: UInt64), _ factor: UInt64) -> UInt64 {
        let carried = power.low.multipliedFullWidth(by: factor).high
        let (high, low) = power.high.multipliedFullWidth(by: factor)
        let (sum, overflow) = low.addingReportingOverflow(carried)
        return (high &+ (overflow ? 1 : 0)) | (sum > 1 ? 1 : 0)
    }

    @inline(__always)
    private mutating func dropZeros() {
        while digits >= 10 {
            let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { return }
            digits = quotient
            exponent += 1
        }
    }
}
