/// Text as values, the one place for it: casts from VARCHAR, literals and CSV fields all read through here.
///
/// Each function gives nil where the text is not of the type or out of its range. Blanks around a number or a time do no
/// harm; the forms are DuckDB's. `strict` narrows numbers to plain digits, which is what type detection wants: `1e3` or `1_000`
/// become an integer when asked to, but do not make a column of integers.
package enum TextParser {
    // MARK: BOOLEAN

    /// `true`, `t`, `yes`, `y`, `1` and their opposites, in any case.
    package static func boolean(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        let cursor = ByteCursor(bytes)
        switch bytes.count {
        case 1:
            switch ByteCursor.lower(bytes[0]) {
            case UInt8(ascii: "t"), UInt8(ascii: "y"), UInt8(ascii: "1"): return true
            case UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "0"): return false
            default: return nil
            }
        case 2: return cursor.restIs("no") ? false : nil
        case 3: return cursor.restIs("yes") ? true : nil
        case 4: return cursor.restIs("true") ? true : nil
        case 5: return cursor.restIs("false") ? false : nil
        default: return nil
        }
    }

    // MARK: Integers

    /// A whole number in 64 bits. Fractions round half away from zero unless `strict`.
    package static func int64(_ bytes: UnsafeRawBufferPointer, strict: Bool = false) -> Int64? {
        if let value = plainInteger(bytes) { return value }
        return integer(bytes, strict: strict).flatMap { Int64(exactly: $0) }
    }

    /// A whole number in 128 bits; also `0x1F` and `0b11`.
    package static func integer(_ bytes: UnsafeRawBufferPointer, strict: Bool = false) -> Int128? {
        if let value = plainInteger(bytes) { return Int128(value) }
        if strict {
            var cursor = ByteCursor(bytes)
            cursor.trim()
            _ = cursor.accept(UInt8(ascii: "-")) || cursor.accept(UInt8(ascii: "+"))
            guard cursor.isDigitsOnly else { return nil }
        } else if let value = prefixedInteger(bytes) {
            return value
        }
        return ScannedNumber(bytes)?.scaled(by: 0)
    }

    /// One to eighteen digits behind an optional sign: most integers there are.
    @inline(__always)
    private static func plainInteger(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count > 0 else { return nil }
        let isNegative = base[0] == UInt8(ascii: "-")
        var index = isNegative ? 1 : 0
        let digits = bytes.count - index
        guard digits > 0, digits <= 18 else { return nil }
        var value: Int64 = 0
        while index < bytes.count {
            let digit = base[index] &- 48
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
            index &+= 1
        }
        return isNegative ? -value : value
    }

    private static func prefixedInteger(_ bytes: UnsafeRawBufferPointer) -> Int128? {
        guard bytes.count > 2, bytes[0] == 48 else { return nil }
        let radix: Int128
        switch bytes[1] | 32 {
        case UInt8(ascii: "x"): radix = 16
        case UInt8(ascii: "b"): radix = 2
        default: return nil
        }
        var value: Int128 = 0
        for byte in bytes[2...] {
            let letter = byte | 32
            let digit: UInt8 = byte &- 48 <= 9 ? byte &- 48 : letter &- 97 < 6 ? letter &- 87 : 255
            guard Int128(digit) < radix else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(Int128(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    // MARK: DECIMAL

    /// The unscaled integer of a DECIMAL(precision, scale), rounded half away from zero.
    package static func decimal(_ bytes: UnsafeRawBufferPointer, precision: Int, scale: Int) -> Int128? {
        guard let unscaled = ScannedNumber(bytes)?.scaled(by: scale),
            unscaled.magnitude < PowersOfTen.integer(precision)
        else { return nil }
        return unscaled
    }

    // MARK: Floating point

    /// The nearest double (ties to even); also `nan`, `inf`, `infinity` with a sign, in any case. Too large a number is infinite.
    ///
    /// Up to 2^53 and 10^22 one multiplication or division is exact (Clinger, "How to Read Floating Point Numbers Accurately",
    /// 1990), and so is `NearestDouble`; other texts go through the standard library, which rounds correctly too and knows no locale.
    package static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
        if let value = plainDouble(bytes) { return value }
        guard let number = ScannedNumber(bytes) else { return nonFinite(bytes) }
        if let value = exactDouble(number) { return value }
        return Double(cleanText(bytes))
    }

    /// Digits with at most one point and a minus: what a price looks like. Nil for every other text, and where the fast way is not exact.
    @inline(__always)
    private static func plainDouble(_ bytes: UnsafeRawBufferPointer) -> Double? {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count > 0, bytes.count <= 21 else {
            return nil
        }
        let isNegative = base[0] == UInt8(ascii: "-")
        let first = isNegative ? 1 : 0
        var index = first
        var mantissa: UInt64 = 0
        var point = -1
        while index < bytes.count {
            let digit = base[index] &- 48
            if digit <= 9 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
            } else if base[index] == UInt8(ascii: "."), point < 0 {
                point = index
            } else {
                return nil
            }
            index &+= 1
        }
        let decimals = point < 0 ? 0 : bytes.count - point - 1
        let digits = bytes.count - first - (point < 0 ? 0 : 1)
        guard digits > 0, digits <= 19 else { return nil }
        let value = mantissa <= 1 << 53 ? Double(mantissa) / power(decimals) : NearestDouble.quotient(mantissa, decimals: decimals)
        return isNegative ? -value : value
    }

    private static func exactDouble(_ number: ScannedNumber) -> Double? {
        if number.mantissa == 0 { return number.isNegative ? -0.0 : 0.0 }
        guard !number.isTruncated, number.mantissa <= 1 << 53, number.exponent.magnitude <= 22 else {
            guard !number.isTruncated, number.exponent <= 0, -number.exponent <= NearestDouble.mostDecimals,
                let mantissa = UInt64(exactly: number.mantissa)
            else { return nil }
            let value = NearestDouble.quotient(mantissa, decimals: -number.exponent)
            return number.isNegative ? -value : value
        }
        let mantissa = Double(UInt64(number.mantissa))
        let scale = power(Int(number.exponent.magnitude))
        let value = number.exponent < 0 ? mantissa / scale : mantissa * scale
        return number.isNegative ? -value : value
    }

    /// The nearest float, rounded once.
    package static func float(_ bytes: UnsafeRawBufferPointer) -> Float? {
        guard ScannedNumber(bytes) != nil else { return nonFinite(bytes).map { Float($0) } }
        return Float(cleanText(bytes))
    }

    private static func nonFinite(_ bytes: UnsafeRawBufferPointer) -> Double? {
        var cursor = ByteCursor(bytes)
        cursor.trim()
        let isNegative = cursor.accept(UInt8(ascii: "-"))
        if !isNegative { _ = cursor.accept(UInt8(ascii: "+")) }
        if cursor.restIs("nan") { return .nan }
        guard cursor.restIs("inf") || cursor.restIs("infinity") else { return nil }
        return isNegative ? -.infinity : .infinity
    }

    /// 10^`exponent` for 0 to 22, exactly.
    @inline(__always)
    private static func power(_ exponent: Int) -> Double { PowersOfTen.exactDoubles[exponent] }

    /// The text of a number without blanks and underscores.
    private static func cleanText(_ bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: bytes.count) { text in
            var length = 0
            for byte in bytes where byte != UInt8(ascii: "_") && !ByteCursor.isBlank(byte) {
                text[length] = byte
                length += 1
            }
            return length
        }
    }

    // MARK: BLOB

    /// ASCII text in which `\xHH` stands for a byte.
    package static func blob(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte < 128 else { return nil }
            if byte != UInt8(ascii: "\\") {
                result.append(byte)
                index += 1
                continue
            }
            guard index + 3 < bytes.count, bytes[index + 1] == UInt8(ascii: "x"), let high = nibble(bytes[index + 2]),
                let low = nibble(bytes[index + 3])
            else { return nil }
            result.append(high << 4 | low)
            index += 4
        }
        return result
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        if byte &- 48 <= 9 { return byte - 48 }
        let letter = byte | 32
        return letter &- 97 < 6 ? letter - 87 : nil
    }
}
