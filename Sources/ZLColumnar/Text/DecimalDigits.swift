/// Digits of numbers as text, eight at a time by multiplication.
enum DecimalDigits {
    static let zeros: UInt64 = 0x3030_3030_3030_3030
    static let tenToThe8: UInt64 = 100_000_000

    /// The values of the eight digits of a number below 10^8, the first one in the lowest byte.
    ///
    /// Fours, then pairs, then digits are split by multiplication with rounded-up reciprocals, exact for numbers as small as these.
    @inline(__always)
    static func eight(_ value: UInt64) -> UInt64 {
        let high = value / 10_000
        let fours: UInt64 = high | (value &- high &* 10_000) &<< 32
        let hundreds: UInt64 = ((fours &* 5243) &>> 19) & 0x0000_007F_0000_007F
        let pairs: UInt64 = hundreds | (fours &- hundreds &* 100) &<< 16
        let tens: UInt64 = ((pairs &* 103) &>> 10) & 0x000F_000F_000F_000F
        return tens | (pairs &- tens &* 10) &<< 8
    }

    /// Spare zeros in front of eight digits; at most seven.
    @inline(__always)
    static func spareZeros(_ digits: UInt64) -> Int { (digits | 1 &<< 56).trailingZeroBitCount &>> 3 }

    @inline(__always)
    static func store(_ word: UInt64, at place: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(place).storeBytes(of: word.littleEndian, as: UInt64.self)
    }

    /// Writes a number without spare zeros; its digits. Bytes behind them, up to 24 in all, may be overwritten.
    @inline(__always)
    static func write(_ value: UInt64, at place: UnsafeMutablePointer<UInt8>) -> Int {
        if value < tenToThe8 { return writeShort(value, at: place) }
        let high = value / tenToThe8
        let low = eight(value &- high &* tenToThe8) | zeros
        if high < tenToThe8 {
            let count = writeShort(high, at: place)
            store(low, at: place + count)
            return count &+ 8
        }
        let top = high / tenToThe8
        let count = writeShort(top, at: place)
        store(eight(high &- top &* tenToThe8) | zeros, at: place + count)
        store(low, at: place + (count &+ 8))
        return count &+ 16
    }

    @inline(__always)
    private static func writeShort(_ value: UInt64, at place: UnsafeMutablePointer<UInt8>) -> Int {
        let digits = eight(value)
        let spare = spareZeros(digits)
        store((digits | zeros) &>> UInt64(truncatingIfNeeded: 8 &* spare), at: place)
        return 8 &- spare
    }

    /// The first eight of a number's digits, as text with the first in the lowest byte, and how many digits it has. The number is above
    /// zero and below 10^17.
    @inline(__always)
    static func leading(_ value: UInt64) -> (word: UInt64, count: Int) {
        let high = value / tenToThe8
        let low = eight(value &- high &* tenToThe8)
        if high == 0 {
            let spare = spareZeros(low)
            return ((low | zeros) &>> UInt64(truncatingIfNeeded: 8 &* spare), 8 &- spare)
        }
        if high < tenToThe8 {
            let digits = eight(high)
            let spare = spareZeros(digits)
            let word = ((digits | zeros) &>> UInt64(truncatingIfNeeded: 8 &* spare)) | (low | zeros) << (64 - 8 * spare)
            return (word, 16 &- spare)
        }
        let top = high / tenToThe8
        return ((eight(high &- top &* tenToThe8) | zeros) &<< 8 | (top &+ 48), 17)
    }
}
