import Glibc

extension TextFormat {
    /// The shortest decimal that reads back to the same double: plain from 1e-4 to below 1e16, else with an exponent of at
    /// least two digits; `nan`, `inf`, `-inf`; whole numbers end in `.0`.
    package static func append(_ value: Double, to buffer: ByteBuffer) {
        buffer.advance(write(value, at: buffer.reserve(longestNumber)))
    }

    /// Room for any number of a fixed size and a timestamp between the years 1 and 9999; writers may overwrite all of it.
    package static let longestNumber = 64

    /// Writes a double as `append` does; the number of bytes, which is at most `longestNumber`.
    static func write(_ value: Double, at start: UnsafeMutablePointer<UInt8>) -> Int {
        var place = start
        if value.sign == .minus, !value.isNaN {
            place.pointee = UInt8(ascii: "-")
            place += 1
        }
        let magnitude = value.magnitude
        if magnitude < 1e13, let end = writeHundredths(magnitude, at: place) { return end - start }
        if let shortest = ShortestDouble(magnitude) {
            return write(shortest.digits, exponent: shortest.exponent, at: place) - start
        }
        if value.isNaN || value.isInfinite {
            let word: StaticString = value.isNaN ? "nan" : "inf"
            memcpy(place, word.utf8Start, 3)
            return place + 3 - start
        }
        let scratch = ByteBuffer()
        append(description: magnitude.description, to: scratch)
        memcpy(place, scratch.address, scratch.count)
        return place + scratch.count - start
    }

    private static let leastHundredthExponent = 1023 - 7

    /// Numbers of at most 15 significant digits and two decimals, which is what prices are; the end, or nil for other numbers.
    ///
    /// If `x` is the double nearest to an integer below 10^15 over 100, then that integer without its trailing zeros is the
    /// shortest form, because no two decimals of 15 digits share a double. It is the nearest if it lies less than half a unit of the last
    /// place away, which 100 times the significand tells: the difference is exact in 64 bits, for it is known to be small.
    @inline(__always)
    private static func writeHundredths(_ magnitude: Double, at place: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>? {
        let biased = Int(truncatingIfNeeded: magnitude.exponentBitPattern)
        // why: hundredths but zero are above 2^-7, and significands of numbers below 2^52 are integers moved to the right.
        guard biased >= leastHundredthExponent || magnitude == 0 else { return nil }
        let hundredths = Int64(magnitude * 100 + 0.5)
        let significand = magnitude.significandBitPattern | 1 << 52
        let shift = UInt64(truncatingIfNeeded: 1075 &- biased)
        let distance = Int64(bitPattern: significand &* 100 &- UInt64(bitPattern: hundredths) &<< shift)
        guard (distance > -50 && distance < 50) || magnitude == 0 else { return nil }
        let (whole, rest) = UInt64(truncatingIfNeeded: hundredths).quotientAndRemainder(dividingBy: 100)
        let end = place + write(whole, at: place)
        end[0] = UInt8(ascii: ".")
        let tens = UInt8(truncatingIfNeeded: rest / 10)
        let ones = UInt8(truncatingIfNeeded: rest % 10)
        end[1] = 48 &+ tens
        end[2] = 48 &+ ones
        return end + (ones == 0 ? 2 : 3)
    }

    /// Lays out `digits * 10^exponent`, digits without trailing zeros.
    private static func write(
        _ digits: UInt64, exponent: Int, at place: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        let (leading, count) = DecimalDigits.leading(digits)
        let scientific = exponent + count - 1
        if scientific < -4 || scientific >= 16 {
            _ = DecimalDigits.write(digits, at: place + 1)
            place[0] = UInt8(truncatingIfNeeded: leading)
            var end = place + 1
            if count > 1 {
                end[0] = UInt8(ascii: ".")
                end += count
            }
            end[0] = UInt8(ascii: "e")
            end[1] = scientific < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
            let length = max(2, digitCount(UInt64(scientific.magnitude)))
            write(UInt64(scientific.magnitude), digits: length, at: end + 2)
            return end + 2 + length
        }
        let whole = count + exponent
        if whole <= 0 {
            place[0] = 48
            place[1] = UInt8(ascii: ".")
            memset(place + 2, 48, -whole)
            _ = DecimalDigits.write(digits, at: place + 2 - whole)
            return place + 2 - whole + count
        }
        if exponent >= 0 {
            _ = DecimalDigits.write(digits, at: place)
            memset(place + count, 48, exponent)
            place[whole] = UInt8(ascii: ".")
            place[whole + 1] = 48
            return place + whole + 2
        }
        _ = DecimalDigits.write(digits, at: place + 1)
        if whole < 8 {
            // why: digits before the point belong one place to the left, and the first eight are at hand: nothing is read back.
            let bit = UInt64(truncatingIfNeeded: 8 &* whole)
            let before = leading & ((1 &<< bit) &- 1)
            let behind = (leading &>> bit) << (bit + 8)
            DecimalDigits.store(before | UInt64(UInt8(ascii: ".")) &<< bit | behind, at: place)
        } else {
            memmove(place, place + 1, whole)
            place[whole] = UInt8(ascii: ".")
        }
        return place + count + 1
    }

    package static func append(_ value: Float, to buffer: ByteBuffer) {
        if value.isNaN { return buffer.append("nan") }
        if value.isInfinite { return value < 0 ? buffer.append("-inf") : buffer.append("inf") }
        append(description: value.description, to: buffer)
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
