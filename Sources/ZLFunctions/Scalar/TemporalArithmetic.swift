import ZLColumnar

/// Dates, times and intervals with + - *.
enum TemporalArithmetic {
    static let additions: [ScalarOverload] = [
        ScalarOverload("+", [.date, .bigint], .date) { (a, count, _) throws(ZLError) in try shift(a[0], a[1], count, sign: 1) },
        ScalarOverload("+", [.bigint, .date], .date) { (a, count, _) throws(ZLError) in try shift(a[1], a[0], count, sign: 1) },
        ScalarOverload("+", [.timestamp, .interval], .timestamp) { (a, count, _) throws(ZLError) in try move(a[0], a[1], count, 1, .timestamp) },
        ScalarOverload("+", [.interval, .timestamp], .timestamp) { (a, count, _) throws(ZLError) in try move(a[1], a[0], count, 1, .timestamp) },
        ScalarOverload("+", [.timestampNS, .interval], .timestampNS) { (a, count, _) throws(ZLError) in try move(a[0], a[1], count, 1, .timestampNS) },
        ScalarOverload("+", [.timestampTZ, .interval], .timestampTZ) { (a, count, _) throws(ZLError) in try move(a[0], a[1], count, 1, .timestampTZ) },
        ScalarOverload("+", [.interval, .interval], .interval) { (a, count, _) throws(ZLError) in try sum(a[0], a[1], count, 1) },
    ]

    static let subtractions: [ScalarOverload] = [
        ScalarOverload("-", [.date, .bigint], .date) { (a, count, _) throws(ZLError) in try shift(a[0], a[1], count, sign: -1) },
        ScalarOverload("-", [.date, .date], .bigint) { (a, count, _) throws(ZLError) in
            Loops.zip(a[0], a[1], count, .bigint) { (x: Int32, y: Int32) in Int64(x) - Int64(y) }
        },
        ScalarOverload("-", [.timestamp, .interval], .timestamp) { (a, count, _) throws(ZLError) in try move(a[0], a[1], count, -1, .timestamp) },
        ScalarOverload("-", [.timestampNS, .interval], .timestampNS) { (a, count, _) throws(ZLError) in try move(a[0], a[1], count, -1, .timestampNS) },
        ScalarOverload("-", [.timestampTZ, .interval], .timestampTZ) { (a, count, _) throws(ZLError) in try move(a[0], a[1], count, -1, .timestampTZ) },
        ScalarOverload("-", [.timestamp, .timestamp], .interval) { (a, count, _) throws(ZLError) in try span(a[0], a[1], count, ticksPerMicrosecond: 1) },
        ScalarOverload("-", [.timestampNS, .timestampNS], .interval) { (a, count, _) throws(ZLError) in try span(a[0], a[1], count, ticksPerMicrosecond: 1000) },
        ScalarOverload("-", [.interval, .interval], .interval) { (a, count, _) throws(ZLError) in try sum(a[0], a[1], count, -1) },
    ]

    static let multiplications: [ScalarOverload] = [
        ScalarOverload("*", [.interval, .bigint], .interval) { (a, count, _) throws(ZLError) in try scale(a[0], a[1], count) },
        ScalarOverload("*", [.bigint, .interval], .interval) { (a, count, _) throws(ZLError) in try scale(a[1], a[0], count) },
    ]

    static func outOfRange(_ type: DataType) -> ZLError {
        ZLError(.execution, "overflow", "the result lies outside the range of \(type)")
    }

    private static func shift(_ dates: ColumnVector, _ days: ColumnVector, _ count: Int, sign: Int64) throws(ZLError) -> ColumnVector {
        try Loops.zipOptional(dates, days, count, .date, filler: Int32(0)) { (date: Int32, days: Int64) throws(ZLError) in
            guard days.magnitude < 1 << 40, let shifted = Int32(exactly: Int64(date) + sign * days) else { throw outOfRange(.date) }
            return shifted
        }
    }

    private static func move(
        _ times: ColumnVector, _ intervals: ColumnVector, _ count: Int, _ sign: Int64, _ type: DataType
    ) throws(ZLError) -> ColumnVector {
        let perMicrosecond: Int64 = type == .timestampNS ? 1000 : 1
        return try Loops.zipOptional(times, intervals, count, type, filler: Int64(0)) { (time: Int64, interval: Interval) throws(ZLError) in
            guard let moved = moved(time, by: interval, sign, perMicrosecond) else { throw outOfRange(type) }
            return moved
        }
    }

    /// Months move the date and keep the day where the month has it, else its last day; then days, then microseconds.
    static func moved(_ time: Int64, by interval: Interval, _ sign: Int64, _ perMicrosecond: Int64) -> Int64? {
        var result = Int128(time)
        let perDay = Cast.microsecondsPerDay * perMicrosecond
        if interval.months != 0 {
            let day = Cast.floorDivide(time, perDay)
            var date = CivilDate(daysSinceEpoch: Int(day))
            let month = (date.year * 12 + date.month - 1) + Int(sign) * Int(interval.months)
            date.year = Int(Cast.floorDivide(Int64(month), 12))
            date.month = month - date.year * 12 + 1
            date.day = min(date.day, CivilDate.daysInMonth(year: date.year, month: date.month))
            result += (Int128(date.daysSinceEpoch) - Int128(day)) * Int128(perDay)
        }
        result += Int128(sign) * (Int128(interval.days) * Int128(perDay) + Int128(interval.microseconds) * Int128(perMicrosecond))
        return Int64(exactly: result)
    }

    private static func span(
        _ a: ColumnVector, _ b: ColumnVector, _ count: Int, ticksPerMicrosecond: Int64
    ) throws(ZLError) -> ColumnVector {
        try Loops.zipOptional(a, b, count, .interval, filler: Interval()) { (x: Int64, y: Int64) throws(ZLError) in
            let (ticks, overflow) = x.subtractingReportingOverflow(y)
            if overflow { throw outOfRange(.interval) }
            let microseconds = ticks / ticksPerMicrosecond
            return Interval(
                days: Int32(truncatingIfNeeded: microseconds / Cast.microsecondsPerDay), microseconds: microseconds % Cast.microsecondsPerDay)
        }
    }

    private static func sum(_ a: ColumnVector, _ b: ColumnVector, _ count: Int, _ sign: Int32) throws(ZLError) -> ColumnVector {
        try Loops.zipOptional(a, b, count, .interval, filler: Interval()) { (x: Interval, y: Interval) throws(ZLError) in
            try combine(x, y, Int128(sign))
        }
    }

    private static func scale(_ a: ColumnVector, _ b: ColumnVector, _ count: Int) throws(ZLError) -> ColumnVector {
        try Loops.zipOptional(a, b, count, .interval, filler: Interval()) { (x: Interval, y: Int64) throws(ZLError) in
            try combine(Interval(), x, Int128(y))
        }
    }

    private static func combine(_ x: Interval, _ y: Interval, _ factor: Int128) throws(ZLError) -> Interval {
        guard let months = Int32(exactly: Int128(x.months) + factor * Int128(y.months)),
            let days = Int32(exactly: Int128(x.days) + factor * Int128(y.days)),
            let microseconds = Int64(exactly: Int128(x.microseconds) + factor * Int128(y.microseconds))
        else { throw outOfRange(.interval) }
        return Interval(months: months, days: days, microseconds: microseconds)
    }
}
