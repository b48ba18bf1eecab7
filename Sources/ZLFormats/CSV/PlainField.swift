import CKernels
import ZLColumnar

/// Fields in the forms that programs write, read eight bytes at a time: `123`, `-4.25`, `2024-01-02T03:04:05.123456789Z`.
///
/// Each reader gives nil for every other text, which then goes to `TextParser`, and the very value of `TextParser` for those it takes.
/// A field must be followed by at least 24 readable bytes.
struct PlainField {
    // why: a static array is checked for its first use and its bounds at every access, a pointer held here is not.
    private let integerPowers: UnsafePointer<UInt64>
    private let doublePowers: UnsafePointer<Double>

    // proof of safety: written once, before anyone sees it
    nonisolated(unsafe) private static let tables: (UnsafePointer<UInt64>, UnsafePointer<Double>) = {
        let integers = UnsafeMutablePointer<UInt64>.allocate(capacity: 20)
        let doubles = UnsafeMutablePointer<Double>.allocate(capacity: 20)
        for exponent in 0..<20 {
            let power = exponent == 0 ? 1 : integers[exponent - 1] * 10
            integers[exponent] = power
            doubles[exponent] = Double(power)
        }
        return (UnsafePointer(integers), UnsafePointer(doubles))
    }()

    init() { (integerPowers, doublePowers) = PlainField.tables }

    @inline(__always)
    private static func word(_ place: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
    }

    /// The number that the first `count` bytes (1 to 8) of a word spell; nil where one is no digit.
    ///
    /// Pairs, then fours, then eight digits are put together by multiplication (Lemire, "Number Parsing at a Gigabyte per Second", 2021).
    @inline(__always)
    private static func digits(_ word: UInt64, _ count: Int) -> UInt64? {
        let zeros: UInt64 = 0x3030_3030_3030_3030
        var value = (word ^ zeros) &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        guard ((value &+ 0x7676_7676_7676_7676) | value) & 0x8080_8080_8080_8080 == 0 else { return nil }
        value = value &* 10 &+ value &>> 8
        let even: UInt64 = value & 0x0000_00FF_0000_00FF
        let odd: UInt64 = (value &>> 16) & 0x0000_00FF_0000_00FF
        let sum: UInt64 = even &* 0x000F_4240_0000_0064 &+ odd &* 0x0000_2710_0000_0001
        return sum &>> 32
    }

    /// One to nineteen digits.
    @inline(__always)
    private func longDigits(_ place: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
        if count <= 16 { return PlainField.shortDigits(place, count) }
        guard let low = PlainField.digits(PlainField.word(place + (count &- 8)), 8),
            let middle = PlainField.digits(PlainField.word(place + (count &- 16)), 8),
            let high = PlainField.digits(PlainField.word(place), count &- 16)
        else { return nil }
        return (high &* 100_000_000 &+ middle) &* 100_000_000 &+ low
    }

    /// One to sixteen digits.
    @inline(__always)
    static func shortDigits(_ place: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
        if count <= 8 { return digits(word(place), count) }
        guard let low = digits(word(place + (count &- 8)), 8), let high = digits(word(place), count &- 8) else { return nil }
        return high &* 100_000_000 &+ low
    }

    /// Up to 18 digits without spare zeros behind an optional minus.
    @inline(__always)
    func integer(_ place: UnsafePointer<UInt8>, _ length: Int) -> Int64? {
        let isNegative = place[0] == UInt8(ascii: "-")
        let first = isNegative ? place + 1 : place
        let count = isNegative ? length &- 1 : length
        guard count >= 1, count <= 18, first[0] != 48 || count == 1, let value = longDigits(first, count) else { return nil }
        return isNegative ? 0 &- Int64(truncatingIfNeeded: value) : Int64(truncatingIfNeeded: value)
    }

    struct Decimal {
        var value: Double
        var hasPoint: Bool
    }

    /// Up to 19 digits without spare zeros behind an optional minus, with at most one point, behind which a digit follows.
    @inline(__always)
    func decimal(_ place: UnsafePointer<UInt8>, _ length: Int) -> Decimal? {
        let isNegative = place[0] == UInt8(ascii: "-")
        let first = isNegative ? place + 1 : place
        let count = isNegative ? length &- 1 : length
        guard count >= 1, count <= 20 else { return nil }
        let head = PlainField.word(first)
        let points = head ^ 0x2E2E_2E2E_2E2E_2E2E
        // why: the lowest bit that this leaves marks the first point; bits behind it may be wrong.
        let hits = (points &- 0x0101_0101_0101_0101) & ~points & 0x8080_8080_8080_8080
        let point = hits.trailingZeroBitCount &>> 3
        guard point < count, hits != 0 else {
            guard count <= 18, first[0] != 48 || count == 1, let whole = longDigits(first, count) else { return nil }
            let value = Double(Int64(truncatingIfNeeded: whole))
            return Decimal(value: isNegative ? -value : value, hasPoint: false)
        }
        let decimals = count &- point &- 1
        guard point > 0, decimals > 0, first[0] != 48 || point == 1, let whole = PlainField.digits(head, point),
            let fraction = longDigits(first + (point &+ 1), decimals)
        else { return nil }
        let mantissa = whole &* integerPowers[decimals] &+ fraction
        let value =
            mantissa <= 1 << 53
            ? Double(Int64(truncatingIfNeeded: mantissa)) / doublePowers[decimals] : NearestDouble.quotient(mantissa, decimals: decimals)
        return Decimal(value: isNegative ? -value : value, hasPoint: true)
    }
}

/// Columns of plain fields.
extension PlainField {
    /// Reads whole numbers of a column from row `first` on to the same places of `target`, up to a row that `integer` does not take.
    func integers(_ input: CSVColumnParser.Input, from first: Int, to target: UnsafeMutablePointer<Int64>) -> Int {
        var row = first
        while row < input.rows {
            row += zl_read_integers(input.base, input.cFields + row * input.stride, input.stride, input.rows - row, target + row)
            guard row < input.rows else { break }
            let field = input.fields[row * input.stride]
            guard let value = integer(input.base + Int(field.start), field.length) else { return row }
            target[row] = value
            row += 1
        }
        return row
    }

    /// Reads decimals, those with a point only if `allowsPoint`, up to a row that `decimal` does not take.
    func decimals(
        _ input: CSVColumnParser.Input, from first: Int, allowsPoint: Bool, to target: UnsafeMutablePointer<Double>
    ) -> Int {
        var row = first
        while row < input.rows {
            row += zl_read_decimals(
                input.base, input.cFields + row * input.stride, input.stride, input.rows - row, allowsPoint ? 1 : 0, target + row)
            guard row < input.rows else { break }
            let field = input.fields[row * input.stride]
            guard let number = decimal(input.base + Int(field.start), field.length), allowsPoint || !number.hasPoint else { return row }
            target[row] = number.value
            row += 1
        }
        return row
    }
}

/// Timestamps of one column, `yyyy-mm-dd(T| )hh:mm:ss[.f...][Z]`; remembers the last day, for days come in runs.
struct PlainTimestamps {
    private var dayHead: UInt64 = 0
    private var dayTail: UInt16 = 0
    private var days = 0

    struct Parts {
        /// Since 1970.
        var seconds: Int
        var nanoseconds: Int
        var fractionDigits: Int
        var hasZ: Bool

        /// Ticks since 1970, decimals beyond a tick cut off; nil beyond the range of 64 bits.
        @inline(__always)
        func ticks(perSecond: Int) -> Int64? {
            let (whole, overflow) = seconds.multipliedReportingOverflow(by: perSecond)
            let (ticks, carry) = whole.addingReportingOverflow(perSecond == 1_000_000_000 ? nanoseconds : nanoseconds / 1000)
            return overflow || carry ? nil : Int64(ticks)
        }
    }

    private static let shortest = 19
    private static let longest = 30

    /// nil for a text in another form. It must be followed by at least 24 readable bytes.
    @inline(__always)
    mutating func parts(_ place: UnsafePointer<UInt8>, _ length: Int) -> Parts? {
        guard length >= PlainTimestamps.shortest, length <= PlainTimestamps.longest,
            place[10] == UInt8(ascii: "T") || place[10] == 32
        else { return nil }
        let raw = UnsafeRawPointer(place)
        let head = UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
        let tail = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
        if head != dayHead || tail != dayTail {
            guard let found = PlainTimestamps.day(place) else { return nil }
            (dayHead, dayTail, days) = (head, tail, found)
        }
        // why: digits turn into their values and the two colons into zero, so one test covers all eight bytes.
        let clock = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 11, as: UInt64.self)) ^ 0x3030_3A30_303A_3030
        guard ((clock &+ 0x7676_7676_7676_7676) | clock) & 0x8080_8080_8080_8080 == 0, clock & 0x0000_FF00_00FF_0000 == 0 else {
            return nil
        }
        let pairs = clock &* 10 &+ clock &>> 8
        let hour = Int(truncatingIfNeeded: pairs & 0xFF)
        let minute = Int(truncatingIfNeeded: (pairs &>> 24) & 0xFF)
        let second = Int(truncatingIfNeeded: (pairs &>> 48) & 0xFF)
        guard hour < 24, minute < 60, second < 60 else { return nil }
        let hasZ = place[length &- 1] == UInt8(ascii: "Z")
        let end = hasZ ? length &- 1 : length
        var nanoseconds = 0
        var decimals = 0
        if end > PlainTimestamps.shortest {
            decimals = end &- PlainTimestamps.shortest &- 1
            guard place[19] == UInt8(ascii: "."), decimals >= 1, decimals <= 9 else { return nil }
            guard let digits = PlainField.shortDigits(place + 20, decimals) else { return nil }
            nanoseconds = Int(truncatingIfNeeded: digits)
            for _ in decimals..<9 { nanoseconds = nanoseconds &* 10 }
        } else if end < PlainTimestamps.shortest {
            return nil
        }
        let seconds = days &* 86_400 &+ hour &* 3600 &+ minute &* 60 &+ second
        return Parts(seconds: seconds, nanoseconds: nanoseconds, fractionDigits: decimals, hasZ: hasZ)
    }

    /// The days since 1970 that ten bytes spell.
    private static func day(_ place: UnsafePointer<UInt8>) -> Int? {
        guard place[4] == UInt8(ascii: "-"), place[7] == UInt8(ascii: "-"), let year = number(place, 4),
            let month = number(place + 5, 2), let day = number(place + 8, 2)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        return date.isValid ? date.daysSinceEpoch : nil
    }

    private static func number(_ place: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        var value = 0
        for index in 0..<count {
            let digit = place[index] &- 48
            guard digit <= 9 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}
