/// A timestamp in the layout that machines write, `yyyy-mm-dd(T| )hh:mm:ss[.fffffffff][Z]`, read by position: ten times as fast as
/// by the general rules, which take every other text.
struct FixedTimestamp {
    private var days: Int
    private var seconds: Int
    private var nanoseconds: Int64
    let fractionDigits: Int
    let hasZ: Bool

    private static let shortest = 19
    private static let longest = 30

    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= FixedTimestamp.shortest, bytes.count <= FixedTimestamp.longest,
            let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), base[4] == UInt8(ascii: "-"),
            base[7] == UInt8(ascii: "-"), base[10] == UInt8(ascii: "T") || base[10] == 32, base[13] == UInt8(ascii: ":"),
            base[16] == UInt8(ascii: ":")
        else { return nil }
        let century = FixedTimestamp.pair(base, 0)
        let yearOfCentury = FixedTimestamp.pair(base, 2)
        let month = FixedTimestamp.pair(base, 5)
        let day = FixedTimestamp.pair(base, 8)
        let hour = FixedTimestamp.pair(base, 11)
        let minute = FixedTimestamp.pair(base, 14)
        let second = FixedTimestamp.pair(base, 17)
        // why: a pair that is not two digits is negative, so one test of the signs finds any.
        guard century | yearOfCentury | month | day | hour | minute | second >= 0, hour < 24, minute < 60, second < 60 else {
            return nil
        }
        let date = CivilDate(year: century * 100 + yearOfCentury, month: month, day: day)
        guard date.isValid else { return nil }
        days = date.daysSinceEpoch
        seconds = hour * 3600 + minute * 60 + second
        nanoseconds = 0
        var end = bytes.count
        hasZ = base[end - 1] == UInt8(ascii: "Z")
        if hasZ { end -= 1 }
        guard end > FixedTimestamp.shortest else {
            fractionDigits = 0
            if end < FixedTimestamp.shortest { return nil }
            return
        }
        fractionDigits = end - FixedTimestamp.shortest - 1
        guard base[FixedTimestamp.shortest] == UInt8(ascii: "."), fractionDigits <= 9 else { return nil }
        for index in (FixedTimestamp.shortest + 1)..<end {
            let digit = base[index] &- 48
            guard digit <= 9 else { return nil }
            nanoseconds = nanoseconds &* 10 &+ Int64(digit)
        }
        for _ in fractionDigits..<9 { nanoseconds &*= 10 }
    }

    /// Two digits as a number, negative if they are none.
    @inline(__always)
    private static func pair(_ base: UnsafePointer<UInt8>, _ index: Int) -> Int {
        let high = base[index] &- 48
        let low = base[index + 1] &- 48
        return high <= 9 && low <= 9 ? Int(high) &* 10 &+ Int(low) : -1
    }

    /// Ticks since 1970; nil beyond the range of 64 bits.
    @inline(__always)
    func ticks(perSecond: Int64) -> Int64? {
        let (whole, overflow) = Int64(days * 86_400 + seconds).multipliedReportingOverflow(by: perSecond)
        let (ticks, carry) = whole.addingReportingOverflow(nanoseconds / (1_000_000_000 / perSecond))
        return overflow || carry ? nil : ticks
    }
}
