import Glibc

/// Values as text, the one place for it: casts to VARCHAR, CSV, JSON, result boxes and messages all write through here.
///
/// The look is DuckDB's: `1.0`, `1e-05`, `true`, `2024-01-02 03:04:05.5`, `1 year 2 months 04:05:06`. Every text reads back to the same
/// value with `TextParser`.
package enum TextFormat {
    // MARK: Integers

    package static func append(_ value: Int64, to buffer: ByteBuffer) {
        if value < 0 { buffer.append(UInt8(ascii: "-")) }
        append(value.magnitude, to: buffer)
    }

    package static func append(_ value: UInt64, to buffer: ByteBuffer) {
        buffer.advance(write(value, at: buffer.reserve(24)))
    }

    /// Writes a number; how many bytes it took. Up to 24 may be overwritten.
    @inline(__always)
    static func write(_ value: UInt64, at place: UnsafeMutablePointer<UInt8>) -> Int { DecimalDigits.write(value, at: place) }

    @inline(__always)
    static func write(_ value: Int64, at place: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return write(value.magnitude, at: place) }
        place[0] = UInt8(ascii: "-")
        return 1 + write(value.magnitude, at: place + 1)
    }

    package static func append(_ value: Int128, to buffer: ByteBuffer) {
        if value < 0 { buffer.append(UInt8(ascii: "-")) }
        append(value.magnitude, to: buffer)
    }

    package static func append(_ value: UInt128, to buffer: ByteBuffer) {
        if value <= UInt128(UInt64.max) { return append(UInt64(truncatingIfNeeded: value), to: buffer) }
        let (high, low) = value.quotientAndRemainder(dividingBy: UInt128(tenToThe18))
        append(high, to: buffer)
        write(UInt64(truncatingIfNeeded: low), digits: 18, at: buffer.reserve(18))
        buffer.advance(18)
    }

    private static let tenToThe18: UInt64 = 1_000_000_000_000_000_000

    /// Decimal digits of a number, 1 for zero.
    @inline(__always)
    static func digitCount(_ value: UInt64) -> Int {
        var count = 1
        var rest = value
        while rest >= 10_000 {
            rest /= 10_000
            count += 4
        }
        if rest >= 1000 { return count + 3 }
        if rest >= 100 { return count + 2 }
        return rest >= 10 ? count + 1 : count
    }

    /// Writes exactly `digits` digits, with leading zeros.
    @inline(__always)
    static func write(_ value: UInt64, digits: Int, at place: UnsafeMutablePointer<UInt8>) {
        var rest = value
        var position = digits
        while position >= 2 {
            let quotient = rest / 100
            position &-= 2
            let pair = pairs + 2 * Int(truncatingIfNeeded: rest &- quotient &* 100)
            place[position] = pair[0]
            place[position &+ 1] = pair[1]
            rest = quotient
        }
        if position == 1 { place[0] = 48 &+ UInt8(truncatingIfNeeded: rest % 10) }
    }

    /// `00` to `99`.
    @inline(__always)
    private static var pairs: UnsafePointer<UInt8> {
        let text: StaticString =
            "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"
        return text.utf8Start
    }

    // MARK: DECIMAL

    /// `unscaled` times 10^-scale with exactly `scale` decimals. As in DuckDB a number without integer digits has none
    /// before the point when its type has no room for one (`.5` of a DECIMAL(3,3)).
    package static func append(decimal unscaled: Int128, precision: Int, scale: Int, to buffer: ByteBuffer) {
        if unscaled < 0 { buffer.append(UInt8(ascii: "-")) }
        let magnitude = unscaled.magnitude
        guard scale > 0 else { return append(magnitude, to: buffer) }
        let (whole, fraction) = magnitude.quotientAndRemainder(dividingBy: PowersOfTen.integer(scale))
        if whole > 0 || precision > scale { append(whole, to: buffer) }
        buffer.append(UInt8(ascii: "."))
        append(fraction: fraction, digits: scale, to: buffer)
    }

    private static func append(fraction: UInt128, digits: Int, to buffer: ByteBuffer) {
        var rest = fraction
        let place = buffer.reserve(digits)
        var position = digits
        while position > 0 {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            position -= 1
            place[position] = UInt8(truncatingIfNeeded: 48 + remainder)
            rest = quotient
            if rest <= UInt128(UInt64.max) {
                write(UInt64(truncatingIfNeeded: rest), digits: position, at: place)
                break
            }
        }
        buffer.advance(digits)
    }

    // MARK: BOOLEAN and bytes

    package static func append(_ value: Bool, to buffer: ByteBuffer) {
        if value { buffer.append("true") } else { buffer.append("false") }
    }

    /// Printable ASCII as itself, everything else, quotes and the backslash as `\xHH`.
    package static func append(blob bytes: UnsafeRawBufferPointer, to buffer: ByteBuffer) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), 0..<32, 127...255:
                buffer.append("\\x")
                buffer.append(hexDigit(byte >> 4))
                buffer.append(hexDigit(byte & 15))
            default:
                buffer.append(byte)
            }
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
