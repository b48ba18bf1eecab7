/// The double nearest to a decimal fraction, by one exact division of integers.
package enum NearestDouble {
    /// 5^27 is the last power of five below 2^63.
    package static let mostDecimals = 27

    private static let powersOfFive: [UInt64] = {
        var powers: [UInt64] = [1]
        for index in 0..<mostDecimals { powers.append(powers[index] * 5) }
        return powers
    }()

    /// `mantissa / 10^decimals` for 0 to 27 decimals, rounded once to nearest, ties to even.
    ///
    /// The quotient of the mantissa and 5^decimals, both moved to the top of their words, has at least 63 bits; what the division
    /// leaves goes into its last bit, so that the rounding to 53 bits sees every digit. No result is subnormal.
    package static func quotient(_ mantissa: UInt64, decimals: Int) -> Double {
        guard mantissa != 0 else { return 0 }
        let divisor = powersOfFive[decimals]
        let shift = mantissa.leadingZeroBitCount
        let divisorShift = divisor.leadingZeroBitCount
        let numerator = mantissa << UInt64(shift)
        let (quotient, remainder) = (divisor << UInt64(divisorShift)).dividingFullWidth((numerator >> 1, numerator << 63))
        let exponent = divisorShift - shift - 63 - decimals
        return Double(quotient | (remainder == 0 ? 0 : 1)) * Double(bitPattern: UInt64(1023 + exponent) << 52)
    }
}
