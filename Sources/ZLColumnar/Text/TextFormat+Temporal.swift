extension TextFormat {
    /// `yyyy-mm-dd`, years of at least four digits, years before 1 as `0044-03-15 (BC)`; the greatest day is `infinity`.
    package static func append(date days: Int32, to buffer: ByteBuffer) {
        if appendInfinite(Int64(days), least: Int64(-Int32.max), greatest: Int64(Int32.max), to: buffer) { return }
        if appendDay(Int(days), to: buffer) { buffer.append(" (BC)") }
    }

    /// `hh:mm:ss[.ffffff]` of microseconds since midnight.
    package static func append(time microseconds: Int64, to buffer: ByteBuffer) {
        appendTime(microseconds.magnitude, ticksPerSecond: 1_000_000, to: buffer)
    }

    /// `yyyy-mm-dd hh:mm:ss[.ffffff]` of microseconds since 1970; the fraction has no trailing zeros.
    package static func append(timestamp microseconds: Int64, to buffer: ByteBuffer) {
        append(ticks: microseconds, ticksPerSecond: 1_000_000, zone: false, to: buffer)
    }

    /// The same with up to nine decimals, of nanoseconds since 1970.
    package static func append(timestampNS nanoseconds: Int64, to buffer: ByteBuffer) {
        append(ticks: nanoseconds, ticksPerSecond: 1_000_000_000, zone: false, to: buffer)
    }

    /// A timestamp in UTC with `+00` behind it.
    package static func append(timestampTZ microseconds: Int64, to buffer: ByteBuffer) {
        append(ticks: microseconds, ticksPerSecond: 1_000_000, zone: true, to: buffer)
    }

    /// `1 year 2 months 3 days 04:05:06.5`; parts that are zero are left out, nothing at all is `00:00:00`.
    package static func append(_ interval: Interval, to buffer: ByteBuffer) {
        let start = buffer.count
        append(Int64(interval.months / 12), unit: " year", start: start, to: buffer)
        append(Int64(interval.months % 12), unit: " month", start: start, to: buffer)
        append(Int64(interval.days), unit: " day", start: start, to: buffer)
        guard interval.microseconds != 0 || buffer.count == start else { return }
        if buffer.count > start { buffer.append(UInt8(ascii: " ")) }
        if interval.microseconds < 0 { buffer.append(UInt8(ascii: "-")) }
        appendTime(interval.microseconds.magnitude, ticksPerSecond: 1_000_000, to: buffer)
    }

    private static func append(_ number: Int64, unit: StaticString, start: Int, to buffer: ByteBuffer) {
        guard number != 0 else { return }
        if buffer.count > start { buffer.append(UInt8(ascii: " ")) }
        append(number, to: buffer)
        buffer.append(unit)
        if number.magnitude != 1 { buffer.append(UInt8(ascii: "s")) }
    }

    private static func append(ticks: Int64, ticksPerSecond: Int64, zone: Bool, to buffer: ByteBuffer) {
        if appendInfinite(ticks, least: -Int64.max, greatest: Int64.max, to: buffer) { return }
        let ticksPerDay = 86_400 * ticksPerSecond
        var day = ticks / ticksPerDay
        var rest = ticks % ticksPerDay
        if rest < 0 {
            rest += ticksPerDay
            day -= 1
        }
        let beforeChrist = appendDay(Int(day), to: buffer)
        // why: DuckDB puts the era behind the day of a timestamp too.
        if beforeChrist { buffer.append(" (BC)") }
        buffer.append(UInt8(ascii: " "))
        appendTime(UInt64(rest), ticksPerSecond: UInt64(ticksPerSecond), to: buffer)
        if zone { buffer.append("+00") }
    }

    /// The text of the day that was written last: days come in runs.
    struct DayMemory {
        fileprivate var days = Int.min
        fileprivate var head: UInt64 = 0
        fileprivate var tail: UInt16 = 0
    }

    /// Writes a timestamp of the years 1 to 9999 as `append` does; 0 for others.
    @inline(__always)
    static func write(
        ticks: Int64, ticksPerSecond: Int64, zone: Bool, at place: UnsafeMutablePointer<UInt8>, _ memory: inout DayMemory
    ) -> Int {
        let seconds = ticks >= 0 ? ticks / ticksPerSecond : (ticks - (ticksPerSecond - 1)) / ticksPerSecond
        guard seconds >= firstSecond, seconds < endSecond else { return 0 }
        let fraction = UInt64(truncatingIfNeeded: ticks - seconds * ticksPerSecond)
        let fromFirst = UInt64(truncatingIfNeeded: seconds - firstSecond)
        let (fromFirstDay, clock) = fromFirst.quotientAndRemainder(dividingBy: 86_400)
        let days = Int(truncatingIfNeeded: fromFirstDay) + firstDay
        let raw = UnsafeMutableRawPointer(place)
        if days == memory.days {
            raw.storeBytes(of: memory.head, as: UInt64.self)
            raw.storeBytes(of: memory.tail, toByteOffset: 8, as: UInt16.self)
        } else {
            _ = writeDay(days, at: place)
            memory = DayMemory(
                days: days, head: raw.loadUnaligned(as: UInt64.self), tail: raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
        }
        place[10] = UInt8(ascii: " ")
        let (hour, inHour) = clock.quotientAndRemainder(dividingBy: 3600)
        let (minute, second) = inHour.quotientAndRemainder(dividingBy: 60)
        // why: of the eight digits of hh0mm0ss the two zeros become colons.
        let digits = DecimalDigits.eight(hour &* 1_000_000 &+ minute &* 1000 &+ second)
        DecimalDigits.store(digits | DecimalDigits.zeros | 0x0000_0A00_000A_0000, at: place + 11)
        var end = 19
        if fraction > 0 {
            var digits = ticksPerSecond == 1_000_000 ? 6 : 9
            var rest = fraction
            while rest % 10 == 0 {
                rest /= 10
                digits -= 1
            }
            place[end] = UInt8(ascii: ".")
            write(rest, digits: digits, at: place + (end + 1))
            end += 1 + digits
        }
        guard zone else { return end }
        place[end] = UInt8(ascii: "+")
        place[end + 1] = 48
        place[end + 2] = 48
        return end + 3
    }

    /// Writes a day of the years 1 to 9999 as `append` does; 0 for others.
    static func write(date days: Int32, at place: UnsafeMutablePointer<UInt8>) -> Int {
        guard Int(days) >= firstDay, Int(days) < endDay else { return 0 }
        return writeDay(Int(days), at: place)
    }

    private static func writeDay(_ days: Int, at place: UnsafeMutablePointer<UInt8>) -> Int {
        let date = CivilDate(daysSinceEpoch: days)
        write(UInt64(truncatingIfNeeded: date.year), digits: 4, at: place)
        place[4] = UInt8(ascii: "-")
        write(UInt64(truncatingIfNeeded: date.month), digits: 2, at: place + 5)
        place[7] = UInt8(ascii: "-")
        write(UInt64(truncatingIfNeeded: date.day), digits: 2, at: place + 8)
        return 10
    }

    /// 0001-01-01 and 10000-01-01.
    private static let firstDay = -719_162
    private static let endDay = 2_932_897
    private static let firstSecond = Int64(firstDay) * 86_400
    private static let endSecond = Int64(endDay) * 86_400

    private static func appendInfinite(_ value: Int64, least: Int64, greatest: Int64, to buffer: ByteBuffer) -> Bool {
        if value == greatest {
            buffer.append("infinity")
            return true
        }
        guard value == least else { return false }
        buffer.append("-infinity")
        return true
    }

    /// Whether the year lies before year 1.
    private static func appendDay(_ days: Int, to buffer: ByteBuffer) -> Bool {
        let date = CivilDate(daysSinceEpoch: days)
        let beforeChrist = date.year <= 0
        let year = UInt64(beforeChrist ? 1 - date.year : date.year)
        let yearDigits = max(4, digitCount(year))
        let place = buffer.reserve(yearDigits + 6)
        write(year, digits: yearDigits, at: place)
        place[yearDigits] = UInt8(ascii: "-")
        write(UInt64(date.month), digits: 2, at: place + (yearDigits + 1))
        place[yearDigits + 3] = UInt8(ascii: "-")
        write(UInt64(date.day), digits: 2, at: place + (yearDigits + 4))
        buffer.advance(yearDigits + 6)
        return beforeChrist
    }

    private static func appendTime(_ ticks: UInt64, ticksPerSecond: UInt64, to buffer: ByteBuffer) {
        let (seconds, fraction) = ticks.quotientAndRemainder(dividingBy: ticksPerSecond)
        let hours = seconds / 3600
        let hourDigits = max(2, digitCount(hours))
        let place = buffer.reserve(hourDigits + 6)
        write(hours, digits: hourDigits, at: place)
        place[hourDigits] = UInt8(ascii: ":")
        write(seconds / 60 % 60, digits: 2, at: place + (hourDigits + 1))
        place[hourDigits + 3] = UInt8(ascii: ":")
        write(seconds % 60, digits: 2, at: place + (hourDigits + 4))
        buffer.advance(hourDigits + 6)
        guard fraction > 0 else { return }
        var digits = ticksPerSecond == 1_000_000 ? 6 : 9
        var rest = fraction
        while rest % 10 == 0 {
            rest /= 10
            digits -= 1
        }
        buffer.append(UInt8(ascii: "."))
        write(rest, digits: digits, at: buffer.reserve(digits))
        buffer.advance(digits)
    }
}
