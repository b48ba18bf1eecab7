extension TextParser {
    /// Days since 1970. `yyyy-mm-dd` with `-`, `/`, `\` or a blank as separator, months and days of one or two digits, a year
    /// before 1 as `-43-03-15` or `0044-03-15 (BC)`; a time may follow and is dropped; `epoch`, `infinity`, `-infinity`.
    package static func date(_ bytes: UnsafeRawBufferPointer) -> Int32? {
        var cursor = ByteCursor(bytes)
        cursor.trim()
        if let special = specialDate(cursor) { return special }
        guard let days = day(&cursor) else { return nil }
        if cursor.isAtEnd { return Int32(exactly: days) }
        guard clock(&cursor) != nil, zone(&cursor) != nil else { return nil }
        return Int32(exactly: days)
    }

    /// A date with nothing behind it and nothing special: what makes a CSV column a DATE.
    package static func plainDate(_ bytes: UnsafeRawBufferPointer) -> Int32? {
        var cursor = ByteCursor(bytes)
        cursor.trim()
        guard let days = day(&cursor), cursor.isAtEnd else { return nil }
        return Int32(exactly: days)
    }

    /// Microseconds since midnight of `hh:mm[:ss[.ffffff]]`, up to `24:00:00`; a date before it and an offset behind it are dropped.
    package static func time(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var cursor = ByteCursor(bytes)
        cursor.trim()
        var probe = cursor
        if let nanoseconds = timeOfDay(&probe) {
            return zone(&probe) == nil ? nil : nanoseconds / 1000
        }
        guard day(&cursor) != nil, let nanoseconds = clock(&cursor), zone(&cursor) != nil else { return nil }
        return nanoseconds / 1000
    }

    /// `hh:mm[:ss[.ffffff]]` alone.
    package static func plainTime(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var cursor = ByteCursor(bytes)
        cursor.trim()
        guard let nanoseconds = timeOfDay(&cursor), cursor.isAtEnd else { return nil }
        return nanoseconds / 1000
    }

    /// Microseconds since 1970 of `yyyy-mm-dd[( |T)hh:mm[:ss[.fffffffff]]]`. As in DuckDB an offset or a zone is dropped, not
    /// applied, and decimals behind the sixth are cut off.
    package static func timestamp(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        timestamp(bytes, ticksPerSecond: 1_000_000, appliesOffset: false)
    }

    /// Nanoseconds since 1970, from 1677-09-21 to 2262-04-11.
    package static func timestampNS(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        timestamp(bytes, ticksPerSecond: 1_000_000_000, appliesOffset: false)
    }

    /// Nanoseconds since 1970 in UTC: an offset is applied, as in `timestampTZ`.
    package static func timestampNSInUTC(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        timestamp(bytes, ticksPerSecond: 1_000_000_000, appliesOffset: true)
    }

    /// Microseconds since 1970 in UTC; `Z`, `UTC` or an offset is applied, no offset means UTC.
    package static func timestampTZ(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        timestamp(bytes, ticksPerSecond: 1_000_000, appliesOffset: true)
    }

    /// What a timestamp's text shows beside its value.
    package struct TimestampShape: Hashable, Sendable {
        /// Digits of the fraction, 0 to 9; further ones do not count.
        package var fractionDigits: Int
        /// Whether `Z`, a zone or an offset stands behind it.
        package var hasZone: Bool
    }

    /// The shape of a timestamp with a time of day; nil for other texts.
    package static func timestampShape(_ bytes: UnsafeRawBufferPointer) -> TimestampShape? {
        if let fixed = FixedTimestamp(bytes) {
            return TimestampShape(fractionDigits: fixed.fractionDigits, hasZone: fixed.hasZ)
        }
        var cursor = ByteCursor(bytes)
        cursor.trim()
        guard day(&cursor) != nil, !cursor.isAtEnd, clock(&cursor) != nil else { return nil }
        let hasZone = !cursor.isAtEnd
        guard zone(&cursor) != nil else { return nil }
        var digits = 0
        if let point = bytes.firstIndex(of: UInt8(ascii: ".")) {
            for byte in bytes[(point + 1)...] {
                guard byte &- 48 <= 9, digits < 9 else { break }
                digits += 1
            }
        }
        return TimestampShape(fractionDigits: digits, hasZone: hasZone)
    }

    private static func timestamp(
        _ bytes: UnsafeRawBufferPointer, ticksPerSecond: Int64, appliesOffset: Bool
    ) -> Int64? {
        if let fixed = FixedTimestamp(bytes) { return fixed.ticks(perSecond: ticksPerSecond) }
        var cursor = ByteCursor(bytes)
        cursor.trim()
        if let special = specialDate(cursor) {
            return special == 0 ? 0 : special > 0 ? Int64.max : -Int64.max
        }
        guard let days = day(&cursor) else { return nil }
        var nanoseconds: Int64 = 0
        var offset = 0
        if !cursor.isAtEnd {
            guard let time = clock(&cursor), let found = zone(&cursor) else { return nil }
            nanoseconds = time
            offset = appliesOffset ? found : 0
        }
        let (whole, overflow) = Int64(days).multipliedReportingOverflow(by: 86_400 * ticksPerSecond)
        let (ticks, carry) = whole.addingReportingOverflow(nanoseconds / (1_000_000_000 / ticksPerSecond))
        let (shifted, borrow) = ticks.subtractingReportingOverflow(Int64(offset) * ticksPerSecond)
        return overflow || carry || borrow ? nil : shifted
    }

    // MARK: Parts

    /// `epoch`, `infinity` and `-infinity` as days.
    private static func specialDate(_ cursor: ByteCursor) -> Int32? {
        guard let first = cursor.peek, first &- 48 > 9 else { return nil }
        if cursor.restIs("epoch") { return 0 }
        if cursor.restIs("infinity") { return Int32.max }
        return cursor.restIs("-infinity") ? -Int32.max : nil
    }

    private static let latestYear = 5_881_580
    private static let earliestYear = -5_877_641

    /// Days since 1970 of a calendar day; the cursor stops behind it.
    @inline(__always)
    private static func day(_ cursor: inout ByteCursor) -> Int? {
        let isNegative = cursor.accept(UInt8(ascii: "-"))
        guard var year = cursor.number(most: 7), let separator = cursor.peek, isSeparator(separator) else { return nil }
        cursor.skip(1)
        guard let month = cursor.number(most: 2), cursor.accept(separator), let day = cursor.number(most: 2) else {
            return nil
        }
        if let next = cursor.peek, next &- 48 <= 9 { return nil }
        var probe = cursor
        if !isNegative, probe.accept(32), probe.accept(UInt8(ascii: "(")), probe.word() == Array("bc".utf8),
            probe.accept(UInt8(ascii: ")")), year > 0 {
            year = 1 - year
            cursor = probe
        }
        if isNegative { year = -year }
        let date = CivilDate(year: year, month: month, day: day)
        guard date.isValid, year >= earliestYear, year <= latestYear else { return nil }
        return date.daysSinceEpoch
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") || byte == 32
    }

    /// Nanoseconds since midnight of a time behind a blank or a `T`.
    @inline(__always)
    private static func clock(_ cursor: inout ByteCursor) -> Int64? {
        guard cursor.accept(UInt8(ascii: "T")) || cursor.accept(32) else { return nil }
        cursor.skipBlanks()
        return timeOfDay(&cursor)
    }

    /// Nanoseconds since midnight of `h:m[:s[.f]]`.
    @inline(__always)
    private static func timeOfDay(_ cursor: inout ByteCursor) -> Int64? {
        guard let hour = cursor.number(most: 2), cursor.accept(UInt8(ascii: ":")), let minute = cursor.number(most: 2) else {
            return nil
        }
        var second = 0
        var fraction: Int64 = 0
        if cursor.accept(UInt8(ascii: ":")) {
            guard let found = cursor.number(most: 2) else { return nil }
            second = found
            if cursor.accept(UInt8(ascii: ".")) { fraction = nanoseconds(&cursor) }
        }
        guard minute < 60, second < 60, hour < 24 || (hour == 24 && minute == 0 && second == 0 && fraction == 0) else {
            return nil
        }
        let seconds = hour * 3600 + minute * 60 + second
        return Int64(seconds) * 1_000_000_000 + fraction
    }

    /// Nine decimals; further ones are cut off.
    @inline(__always)
    private static func nanoseconds(_ cursor: inout ByteCursor) -> Int64 {
        var value: Int64 = 0
        var digits = 0
        while let byte = cursor.peek, byte &- 48 <= 9 {
            if digits < 9 {
                value = value &* 10 &+ Int64(byte &- 48)
                digits += 1
            }
            cursor.skip(1)
        }
        while digits < 9 {
            value &*= 10
            digits += 1
        }
        return value
    }

    /// Seconds east of UTC of what is left: nothing, `Z`, `+hh[:mm[:ss]]`, or a blank and `UTC` or `GMT`.
    @inline(__always)
    private static func zone(_ cursor: inout ByteCursor) -> Int? {
        if cursor.isAtEnd { return 0 }
        if cursor.accept(UInt8(ascii: "Z")) { return cursor.isAtEnd ? 0 : nil }
        cursor.skipBlanks()
        if cursor.restIs("utc") || cursor.restIs("gmt") { return 0 }
        let isWest = cursor.accept(UInt8(ascii: "-"))
        guard isWest || cursor.accept(UInt8(ascii: "+")), let hours = cursor.number(most: 2) else { return nil }
        var minutes = 0
        var seconds = 0
        if !cursor.isAtEnd {
            _ = cursor.accept(UInt8(ascii: ":"))
            guard let found = cursor.number(most: 2) else { return nil }
            minutes = found
            if cursor.accept(UInt8(ascii: ":")) {
                guard let found = cursor.number(most: 2) else { return nil }
                seconds = found
            }
        }
        guard cursor.isAtEnd, minutes < 60, seconds < 60 else { return nil }
        let offset = hours * 3600 + minutes * 60 + seconds
        return isWest ? -offset : offset
    }
}
