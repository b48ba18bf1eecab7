import Glibc

extension TextFormat {
    /// The shortest decimal that reads back to the same double: plain from 1e-4 to below 1e16, else with an exponent of at
    /// least two digits; `nan`, `inf`, `-inf`; whole numbers end in `.0`.
    package static func append(_ value: Double, to buffer: ByteBuffer) {
        if appendShortDecimal(value, to: buffer) { return }
        if value.isNaN { return buffer.append("nan") }
        if value.isInfinite { return value < 0 ? buffer.append("-inf") : buffer.append("inf") }
        append(description: value.description, to: buffer)
    }

    package static func append(_ value: Float, to buffer: ByteBuffer) {
        if value.isNaN { return buffer.append("nan") }
        if value.isInfinite { return value < 0 ? buffer.append("-inf") : buffer.append("inf") }
        append(description: value.description, to: buffer)
    }

    /// Numbers of at most 15 significant digits and 9 decimals, which is what prices are.
    ///
    /// If `x * 10^k` rounds to an integer below 10^15 that divides back to `x`, then that integer without its trailing zeros
    /// is the shortest form, because no two decimals of 15 digits share a double.
    private static func appendShortDecimal(_ value: Double, to buffer: ByteBuffer) -> Bool {
        let magnitude = value.magnitude
        guard magnitude < 1e15, magnitude >= 1e-4 || value == 0 else { return false }
        return appendDecimal(value, power: 1, decimals: 0, to: buffer)
            || appendDecimal(value, power: 100, decimals: 2, to: buffer)
            || appendDecimal(value, power: 10_000, decimals: 4, to: buffer)
            || appendDecimal(value, power: 1_000_000_000, decimals: 9, to: buffer)
    }

    @inline(__always)
    private static func appendDecimal(_ value: Double, power: Double, decimals: Int, to buffer: ByteBuffer) -> Bool {
        let magnitude = value.magnitude
        let scaled = (magnitude * power).rounded()
        guard scaled < 1e15, scaled / power == magnitude else { return false }
        if value.sign == .minus { buffer.append(UInt8(ascii: "-")) }
        var digits = UInt64(scaled)
        if decimals == 0 {
            append(digits, to: buffer)
            buffer.append(".0")
            return true
        }
        var kept = decimals
        var divisor = UInt64(power)
        while kept > 1, digits % 10 == 0 {
            digits /= 10
            divisor /= 10
            kept -= 1
        }
        append(digits / divisor, to: buffer)
        buffer.append(UInt8(ascii: "."))
        write(digits % divisor, digits: kept, at: buffer.reserve(kept))
        buffer.advance(kept)
        return true
    }

    /// Lays out the digits of a shortest description (`1.5e-07`, `123.0`, `1e+16`) the way that DuckDB does.
    private static func append(description: String, to buffer: ByteBuffer) {
        var digits = ContiguousDigits()
        var exponent = 0
        var explicitExponent = 0
        var seenPoint = false
        var inExponent = false
        var negativeExponent = false
        for byte in description.utf8 {
            switch byte {
            case UInt8(ascii: "-"):
                if inExponent { negativeExponent = true } else { buffer.append(byte) }
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"): inExponent = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if inExponent {
                    explicitExponent = explicitExponent * 10 + Int(byte - 48)
                } else {
                    if digits.count > 0 || byte != 48 { digits.append(byte) }
                    if seenPoint { exponent -= 1 }
                }
            default: break
            }
        }
        exponent += negativeExponent ? -explicitExponent : explicitExponent
        exponent += digits.dropTrailingZeros()
        guard digits.count > 0 else { return buffer.append("0.0") }
        let scientific = exponent + digits.count - 1
        if scientific < -4 || scientific >= 16 {
            appendScientific(digits, exponent: scientific, to: buffer)
        } else {
            appendPlain(digits, exponent: exponent, to: buffer)
        }
    }

    private static func appendScientific(_ digits: ContiguousDigits, exponent: Int, to buffer: ByteBuffer) {
        buffer.append(digits[0])
        if digits.count > 1 {
            buffer.append(UInt8(ascii: "."))
            for index in 1..<digits.count { buffer.append(digits[index]) }
        }
        buffer.append(exponent < 0 ? "e-" : "e+")
        if exponent.magnitude < 10 { buffer.append(UInt8(ascii: "0")) }
        append(UInt64(exponent.magnitude), to: buffer)
    }

    private static func appendPlain(_ digits: ContiguousDigits, exponent: Int, to buffer: ByteBuffer) {
        let whole = digits.count + exponent
        if whole <= 0 {
            buffer.append("0.")
            for _ in 0..<(-whole) { buffer.append(UInt8(ascii: "0")) }
            for index in 0..<digits.count { buffer.append(digits[index]) }
            return
        }
        for index in 0..<whole { buffer.append(index < digits.count ? digits[index] : UInt8(ascii: "0")) }
        buffer.append(UInt8(ascii: "."))
        if whole >= digits.count { return buffer.append(UInt8(ascii: "0")) }
        for index in whole..<digits.count { buffer.append(digits[index]) }
    }

    /// The significant digits of a double, at most 17 and the zeros that a description may carry.
    private struct ContiguousDigits {
        private var low: (UInt64, UInt64, UInt64) = (0, 0, 0)
        private(set) var count = 0
        private static let capacity = 24

        subscript(index: Int) -> UInt8 {
            withUnsafeBytes(of: low) { $0[index] }
        }

        mutating func append(_ digit: UInt8) {
            guard count < ContiguousDigits.capacity else { return }
            withUnsafeMutableBytes(of: &low) { $0[count] = digit }
            count += 1
        }

        /// How many were dropped.
        mutating func dropTrailingZeros() -> Int {
            let before = count
            while count > 0, self[count - 1] == 48 { count -= 1 }
            return before - count
        }
    }
}
