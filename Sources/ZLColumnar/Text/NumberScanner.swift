/// A decimal number as it is written: sign, up to 38 or 39 significant digits, exponent.
///
/// The form is `[blanks][+-]digits[.digits][e[+-]digits][blanks]`; one `_` may stand between two digits, and the digits before or
/// behind the point may be absent, not both.
struct ScannedNumber {
    var isNegative = false
    /// The leading significant digits as an integer.
    var mantissa: UInt128 = 0
    /// The value is `mantissa * 10^exponent`, but for dropped digits.
    var exponent = 0
    /// Digits in `mantissa`.
    var digits = 0
    /// Whether digits other than zero follow those of `mantissa`.
    var isTruncated = false

    /// Any 38 digits fit 128 bits, and 39 if they begin low enough.
    private static let capacity = 38
    private static let roomForDigit39 = UInt128.max / 10 - 1
    private static let exponentLimit = 100_000

    init?(_ bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        cursor.trim()
        if cursor.accept(UInt8(ascii: "-")) {
            isNegative = true
        } else {
            _ = cursor.accept(UInt8(ascii: "+"))
        }
        var low: UInt64 = 0
        let whole = scanDigits(&cursor, isFraction: false, low: &low)
        var fraction = 0
        if cursor.accept(UInt8(ascii: ".")) { fraction = scanDigits(&cursor, isFraction: true, low: &low) }
        guard whole + fraction > 0 else { return nil }
        if digits <= 19 { mantissa = UInt128(low) }
        if cursor.peek.map({ $0 | 32 == UInt8(ascii: "e") }) ?? false {
            cursor.skip(1)
            guard let written = ScannedNumber.scanExponent(&cursor) else { return nil }
            exponent += written
        }
        guard cursor.isAtEnd else { return nil }
    }

    /// Digits found. The first 19 gather in `low`, the rest in `mantissa`.
    private mutating func scanDigits(_ cursor: inout ByteCursor, isFraction: Bool, low: inout UInt64) -> Int {
        var found = 0
        while let byte = cursor.peek {
            let digit = byte &- 48
            if digit > 9 {
                guard byte == UInt8(ascii: "_"), found > 0, cursor.peekNextIsDigit else { break }
                cursor.skip(1)
                continue
            }
            cursor.skip(1)
            found += 1
            if digits == 0, digit == 0 {
                if isFraction { exponent -= 1 }
            } else if digits < ScannedNumber.capacity || (digits == 38 && mantissa <= ScannedNumber.roomForDigit39) {
                if digits < 19 {
                    low = low &* 10 &+ UInt64(digit)
                } else {
                    if digits == 19 { mantissa = UInt128(low) }
                    mantissa = mantissa &* 10 &+ UInt128(digit)
                }
                digits += 1
                if isFraction { exponent -= 1 }
            } else {
                if digit != 0 { isTruncated = true }
                if !isFraction { exponent += 1 }
            }
        }
        return found
    }

    private static func scanExponent(_ cursor: inout ByteCursor) -> Int? {
        var isNegative = false
        if cursor.accept(UInt8(ascii: "-")) {
            isNegative = true
        } else {
            _ = cursor.accept(UInt8(ascii: "+"))
        }
        var value = 0
        var found = 0
        while let byte = cursor.peek {
            let digit = byte &- 48
            if digit > 9 {
                guard byte == UInt8(ascii: "_"), found > 0, cursor.peekNextIsDigit else { break }
                cursor.skip(1)
                continue
            }
            cursor.skip(1)
            found += 1
            value = min(value * 10 + Int(digit), exponentLimit)
        }
        guard found > 0 else { return nil }
        return isNegative ? -value : value
    }

    /// The number times 10^`scale`, rounded half away from zero; nil beyond 38 digits.
    func scaled(by scale: Int) -> Int128? {
        guard mantissa != 0 else { return 0 }
        let shift = exponent + scale
        var magnitude: UInt128
        if shift >= 0 {
            guard shift <= ScannedNumber.capacity else { return nil }
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: PowersOfTen.integer(shift))
            guard !overflow else { return nil }
            magnitude = product
        } else if -shift > ScannedNumber.capacity {
            magnitude = 0
        } else {
            let divisor = PowersOfTen.integer(-shift)
            let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: divisor)
            magnitude = quotient
            if remainder >= divisor / 2 { magnitude += 1 }
        }
        if isNegative {
            guard magnitude <= Int128.min.magnitude else { return nil }
            return magnitude == Int128.min.magnitude ? Int128.min : -Int128(magnitude)
        }
        return Int128(exactly: magnitude)
    }
}
