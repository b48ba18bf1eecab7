import CKernels
import ZLColumnar

/// Parts of dates and times, truncation, and dates made from parts.
enum DateFunctions {
    /// A moment split up: days since the epoch and nanoseconds of the day.
    struct Moment {
        let day: Int
        let nanoseconds: Int64

        init(_ value: Value, _ type: DataType) {
            switch (value, type) {
            case (.date(let days), _):
                day = Int(days)
                nanoseconds = 0
            case (.ticks(let ticks), .timestampNS):
                let whole = Cast.floorDivide(ticks, Cast.nanosecondsPerDay)
                day = Int(whole)
                nanoseconds = ticks - whole * Cast.nanosecondsPerDay
            case (.ticks(let ticks), _):
                let whole = Cast.floorDivide(ticks, Cast.microsecondsPerDay)
                day = Int(whole)
                nanoseconds = (ticks - whole * Cast.microsecondsPerDay) * 1000
            default:
                day = 0
                nanoseconds = 0
            }
        }

        var date: CivilDate { CivilDate(daysSinceEpoch: day) }
        /// Monday is 1, Sunday 7.
        var isoWeekday: Int { ((day + 3) % 7 + 7) % 7 + 1 }
        var dayOfYear: Int { day - CivilDate(year: date.year, month: 1, day: 1).daysSinceEpoch + 1 }
        /// The Thursday of the week decides year and number of an ISO week.
        var isoWeek: (year: Int, week: Int) {
            let thursday = day + 4 - isoWeekday
            let year = CivilDate(daysSinceEpoch: thursday).year
            return (year, (thursday - CivilDate(year: year, month: 1, day: 1).daysSinceEpoch) / 7 + 1)
        }
    }

    private static let moments: [DataType] = [.date, .timestamp, .timestampNS, .timestampTZ]

    /// Whole-number parts by name, with what they compute.
    private static let parts: [(name: String, aliases: [String], summary: String, body: @Sendable (Moment) -> Int64)] = [
        ("year", ["yr", "y", "years"], "Year.", { Int64($0.date.year) }),
        ("month", ["mon", "months", "mons"], "Month, 1 to 12.", { Int64($0.date.month) }),
        ("day", ["days", "d", "dayofmonth"], "Day of the month, 1 to 31.", { Int64($0.date.day) }),
        ("quarter", ["quarters"], "Quarter, 1 to 4.", { Int64(($0.date.month - 1) / 3 + 1) }),
        ("decade", ["decades"], "Year divided by ten.", { Int64($0.date.year / 10) }),
        ("century", ["centuries"], "Century.", { Int64(($0.date.year - 1) / 100 + 1) }),
        ("dayofweek", ["dow", "weekday"], "Day of the week, 0 is Sunday.", { Int64($0.isoWeekday % 7) }),
        ("isodow", [], "Day of the week, 1 is Monday, 7 Sunday.", { Int64($0.isoWeekday) }),
        ("dayofyear", ["doy"], "Day of the year, 1 to 366.", { Int64($0.dayOfYear) }),
        ("week", ["weeks", "w", "weekofyear"], "ISO week number.", { Int64($0.isoWeek.week) }),
        ("isoyear", [], "Year of the ISO week.", { Int64($0.isoWeek.year) }),
        ("hour", ["hours", "h", "hr"], "Hour, 0 to 23.", { $0.nanoseconds / 3_600_000_000_000 }),
        ("minute", ["minutes", "m", "min"], "Minute, 0 to 59.", { $0.nanoseconds / 60_000_000_000 % 60 }),
        ("second", ["seconds", "s", "sec"], "Second, 0 to 59.", { $0.nanoseconds / 1_000_000_000 % 60 }),
        ("millisecond", ["milliseconds", "ms"], "Seconds and fraction in milliseconds.", { $0.nanoseconds / 1_000_000 % 60_000 }),
        ("microsecond", ["microseconds", "us"], "Seconds and fraction in microseconds.", { $0.nanoseconds / 1000 % 60_000_000 }),
        ("epoch_ns", [], "Nanoseconds since 1970-01-01.", { Int64($0.day) &* Cast.nanosecondsPerDay &+ $0.nanoseconds }),
        ("epoch_us", [], "Microseconds since 1970-01-01.", { Int64($0.day) &* Cast.microsecondsPerDay &+ $0.nanoseconds / 1000 }),
        ("epoch_ms", [], "Milliseconds since 1970-01-01.", { Int64($0.day) &* 86_400_000 &+ $0.nanoseconds / 1_000_000 }),
    ]

    static let functions: [ScalarFunction] =
        parts.filter { !["m", "s", "d", "y", "h", "w"].contains($0.name) }.map { part in
            ScalarFunction(
                FunctionDescription(
                    part.name, .scalar, aliases: part.name == "dayofweek" ? ["weekday"] : part.name == "day" ? ["dayofmonth"] : part.name == "week" ? ["weekofyear"] : [],
                    part.summary, nullRule: .propagates, example: "\(part.name)(DATE '2024-03-15')"),
                moments.map { type in
                    ScalarOverload(part.name, [type], .bigint) { (arguments, count, _) throws(ZLError) in
                        each(arguments[0], type, count, part.body)
                    }
                } + (part.name == "epoch_ms" ? [fromMilliseconds] : []))
        } + [epoch, datePart, dateTruncation, difference, lastDay, makeDate, weekdayName, monthName, timeBucket]

    private static let fromMilliseconds = ScalarOverload("epoch_ms", [.bigint], .timestamp) { (arguments, count, _) throws(ZLError) in
        try Loops.mapOptional(arguments[0], count, .timestamp, filler: Int64(0)) { (milliseconds: Int64) throws(ZLError) in
            let (ticks, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
            if overflow { throw TemporalArithmetic.outOfRange(.timestamp) }
            return ticks
        }
    }

    /// The part for each row of a DATE or timestamp vector.
    private static func each(
        _ vector: ColumnVector, _ type: DataType, _ count: Int, _ body: (Moment) -> Int64
    ) -> ColumnVector {
        if type == .date { return Loops.map(vector, count, .bigint) { (days: Int32) in body(Moment(.date(days), type)) } }
        return Loops.map(vector, count, .bigint) { (ticks: Int64) in body(Moment(.ticks(ticks), type)) }
    }

    private static let epoch = ScalarFunction(
        FunctionDescription("epoch", .scalar, "Seconds since 1970-01-01, with their fraction.", nullRule: .propagates, example: "epoch(TIMESTAMP '2024-03-15 12:00:00')"),
        moments.map { type in
            ScalarOverload("epoch", [type], .double) { (arguments, count, _) throws(ZLError) in
                try Loops.rows(arguments, count, .double) { values in
                    let moment = Moment(values[0], type)
                    return .double(Double(moment.day) * 86_400 + Double(moment.nanoseconds) / 1e9)
                }
            }
        })

    static func part(_ name: String) -> (@Sendable (Moment) -> Int64)? {
        let wanted = name.lowercased()
        return parts.first { $0.name == wanted || $0.aliases.contains(wanted) }?.body
    }

    private static let datePart = ScalarFunction(
        FunctionDescription("date_part", .scalar, aliases: ["datepart"], "A part of a date or time, by name.", nullRule: .propagates, example: "date_part('year', DATE '2024-03-15')"),
        moments.map { type in
            ScalarOverload("date_part", [.varchar, type], .bigint) { (arguments, count, _) throws(ZLError) in
                try Loops.rows(arguments, count, .bigint) { (values) throws(ZLError) in
                    guard case .string(let name) = values[0] else { return .null }
                    guard let body = part(name) else { throw unknownPart(name) }
                    return .integer(Int128(body(Moment(values[1], type))))
                }
            }
        })

    static func unknownPart(_ name: String) -> ZLError {
        let nearest = NearestName.find(name, among: parts.map(\.name))
        return ZLError(.binding, "unknown_date_part", "\"\(name)\" is no part of a date", hint: nearest.map { "did you mean \($0)?" })
    }

    private static let dateTruncation = ScalarFunction(
        FunctionDescription("date_trunc", .scalar, aliases: ["datetrunc"], "The start of the year, month, hour ... that a time lies in.", nullRule: .propagates, example: "date_trunc('month', DATE '2024-03-15')"),
        moments.map { type in
            let result: DataType = type == .date ? .timestamp : type
            return ScalarOverload("date_trunc", [.varchar, type], result) { (arguments, count, _) throws(ZLError) in
                try Loops.rows(arguments, count, result) { (values) throws(ZLError) in
                    guard case .string(let unit) = values[0] else { return .null }
                    let moment = Moment(values[1], type)
                    guard let start = truncated(moment, unit.lowercased()) else { throw unknownPart(unit) }
                    let ticks = result == .timestampNS
                        ? Int64(start.day) &* Cast.nanosecondsPerDay &+ start.nanoseconds
                        : Int64(start.day) &* Cast.microsecondsPerDay &+ start.nanoseconds / 1000
                    return .ticks(ticks)
                }
            }
        })

    private static func truncated(_ moment: Moment, _ unit: String) -> (day: Int, nanoseconds: Int64)? {
        let date = moment.date
        func firstDay(_ year: Int, _ month: Int) -> (day: Int, nanoseconds: Int64) {
            (CivilDate(year: year, month: month, day: 1).daysSinceEpoch, 0)
        }
        func step(_ nanoseconds: Int64) -> (day: Int, nanoseconds: Int64) {
            (moment.day, moment.nanoseconds - moment.nanoseconds % nanoseconds)
        }
        switch unit {
        case "century": return firstDay(date.year / 100 * 100, 1)
        case "decade": return firstDay(date.year / 10 * 10, 1)
        case "year", "years": return firstDay(date.year, 1)
        case "quarter", "quarters": return firstDay(date.year, (date.month - 1) / 3 * 3 + 1)
        case "month", "months": return firstDay(date.year, date.month)
        case "week", "weeks": return (moment.day - moment.isoWeekday + 1, 0)
        case "day", "days": return (moment.day, 0)
        case "hour", "hours": return step(3_600_000_000_000)
        case "minute", "minutes": return step(60_000_000_000)
        case "second", "seconds": return step(1_000_000_000)
        case "millisecond", "milliseconds": return step(1_000_000)
        case "microsecond", "microseconds": return step(1000)
        default: return nil
        }
    }

    private static let difference = ScalarFunction(
        FunctionDescription("date_diff", .scalar, aliases: ["datediff"], "Number of boundaries of a unit between two times.", nullRule: .propagates, example: "date_diff('month', DATE '2024-01-31', DATE '2024-03-01')"),
        moments.map { type in
            ScalarOverload("date_diff", [.varchar, type, type], .bigint) { (arguments, count, _) throws(ZLError) in
                try Loops.rows(arguments, count, .bigint) { (values) throws(ZLError) in
                    guard case .string(let unit) = values[0] else { return .null }
                    guard let result = boundaries(unit.lowercased(), Moment(values[1], type), Moment(values[2], type)) else { throw unknownPart(unit) }
                    return .integer(result)
                }
            }
        })

    private static func boundaries(_ unit: String, _ from: Moment, _ to: Moment) -> Int128? {
        func months(_ moment: Moment) -> Int128 { Int128(moment.date.year) * 12 + Int128(moment.date.month) - 1 }
        func count(_ nanoseconds: Int128) -> Int128 {
            func index(_ moment: Moment) -> Int128 {
                let total = Int128(moment.day) * Int128(Cast.nanosecondsPerDay) + Int128(moment.nanoseconds)
                return total >= 0 ? total / nanoseconds : (total - nanoseconds + 1) / nanoseconds
            }
            return index(to) - index(from)
        }
        switch unit {
        case "year", "years": return Int128(to.date.year - from.date.year)
        case "quarter", "quarters": return months(to) / 3 - months(from) / 3
        case "month", "months": return months(to) - months(from)
        case "week", "weeks": return Int128((to.day - to.isoWeekday) - (from.day - from.isoWeekday)) / 7
        case "day", "days": return Int128(to.day - from.day)
        case "hour", "hours": return count(3_600_000_000_000)
        case "minute", "minutes": return count(60_000_000_000)
        case "second", "seconds": return count(1_000_000_000)
        case "millisecond", "milliseconds": return count(1_000_000)
        case "microsecond", "microseconds": return count(1000)
        default: return nil
        }
    }

    private static let lastDay = ScalarFunction(
        FunctionDescription("last_day", .scalar, "Last day of the month.", nullRule: .propagates, example: "last_day(DATE '2024-02-10')"),
        [
            ScalarOverload("last_day", [.date], .date) { (arguments, count, _) throws(ZLError) in
                Loops.map(arguments[0], count, .date) { (days: Int32) in
                    let date = CivilDate(daysSinceEpoch: Int(days))
                    return days + Int32(CivilDate.daysInMonth(year: date.year, month: date.month) - date.day)
                }
            }
        ])

    private static let makeDate = TextFunctions.values(
        "make_date", "A date from year, month and day.", "make_date(2024, 3, 15)", [[.bigint, .bigint, .bigint]], .date
    ) { (values) throws(ZLError) in
        guard case .integer(let year) = values[0], case .integer(let month) = values[1], case .integer(let day) = values[2] else { return .null }
        let date = CivilDate(year: TextFunctions.clamp(year), month: TextFunctions.clamp(month), day: TextFunctions.clamp(day))
        guard abs(year) < 5_000_000, date.isValid else {
            throw ZLError(.conversion, "no_such_date", "there is no date \(year)-\(month)-\(day)")
        }
        return .date(Int32(date.daysSinceEpoch))
    }

    static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]

    private static let weekdayName = name("dayname", "English name of the day of the week.") { weekdays[$0.isoWeekday - 1] }

    private static let monthName = name("monthname", "English name of the month.") { months[$0.date.month - 1] }

    private static func name(_ function: String, _ summary: String, _ body: @escaping @Sendable (Moment) -> String) -> ScalarFunction {
        ScalarFunction(
            FunctionDescription(function, .scalar, summary, nullRule: .propagates, example: "\(function)(DATE '2024-03-15')"),
            moments.map { type in
                ScalarOverload(function, [type], .varchar) { (arguments, count, _) throws(ZLError) in
                    try Loops.rows(arguments, count, .varchar) { .string(body(Moment($0[0], type))) }
                }
            })
    }

    private static let timeBucket = ScalarFunction(
        FunctionDescription("time_bucket", .scalar, "The start of the bucket of a fixed width that a time lies in.", nullRule: .propagates, example: "time_bucket(INTERVAL '5 minutes', TIMESTAMP '2024-03-15 12:07:00')"),
        [
            ScalarOverload("time_bucket", [.interval, .date], .date) { (arguments, count, _) throws(ZLError) in
                let times = try Cast.cast(arguments[1].flattened(), to: .timestamp)
                let starts = try Loops.zipOptional(arguments[0], times, count, .timestamp, filler: Int64(0)) { (width: Interval, time: Int64) throws(ZLError) in
                    try bucket(width, time, .timestamp)
                }
                return try Cast.cast(starts, to: .date)
            }
        ] + [DataType.timestamp, .timestampNS, .timestampTZ].map { type in
            ScalarOverload("time_bucket", [.interval, type], type) { (arguments, count, _) throws(ZLError) in
                if arguments[0].form == .constant, count > 0, !arguments[0].isNull(0) {
                    return try buckets(arguments[0].values(Interval.self)[0], arguments[1], count, type)
                }
                return try Loops.zipOptional(arguments[0], arguments[1], count, type, filler: Int64(0)) { (width: Interval, time: Int64) throws(ZLError) in
                    try bucket(width, time, type)
                }
            }
        })

    /// Buckets of one width. Times that do not lie far from the first are divided many at a time; of others, a time in the bucket of the time
    /// before it costs two comparisons.
    private static func buckets(_ width: Interval, _ times: ColumnVector, _ count: Int, _ type: DataType) throws(ZLError) -> ColumnVector {
        guard let fixed = fixedBuckets(width, type) else {
            return try Loops.mapOptional(times, count, type, filler: Int64(0)) { (time: Int64) throws(ZLError) in try bucket(width, time, type) }
        }
        if let near = nearBuckets(fixed, times.flattened(), count, type) { return near }
        var start = Int64.max
        var end = Int64.min
        return try Loops.mapOptional(times, count, type, filler: Int64(0)) { (time: Int64) throws(ZLError) in
            if time >= start, time < end { return start }
            start = try fixed.start(time, type)
            end = start.addingReportingOverflow(fixed.length).overflow ? start : start &+ fixed.length
            return start
        }
    }

    /// nil where a time is far from the first, or near an end of what 64 bits hold. NULLs are the caller's to carry over.
    private static func nearBuckets(_ fixed: FixedBuckets, _ times: ColumnVector, _ count: Int, _ type: DataType) -> ColumnVector? {
        guard count > 0, fixed.length < 1 << 51, let origin = try? fixed.start(times.values(Int64.self)[0], type), origin.magnitude < 1 << 62 else {
            return nil
        }
        let buffer = Buffer(byteCount: max(16, count * 8))
        let areNear = zl_bucket_starts(times.values(Int64.self), count, origin, fixed.length, buffer.values(Int64.self))
        return withExtendedLifetime(times) { areNear == 1 ? ColumnVector(type: type, count: count, buffer: buffer) : nil }
    }

    /// Buckets of one length, in units of the type, counted from `origin`.
    private struct FixedBuckets {
        let origin: Int64
        let length: Int64

        @inline(__always)
        func start(_ time: Int64, _ type: DataType) throws(ZLError) -> Int64 {
            let (offset, overflow) = time.subtractingReportingOverflow(origin)
            if overflow { throw TemporalArithmetic.outOfRange(type) }
            return origin &+ Cast.floorDivide(offset, length) &* length
        }
    }

    /// Nil for widths in months, and for those that are no width.
    private static func fixedBuckets(_ width: Interval, _ type: DataType) -> FixedBuckets? {
        let perMicrosecond: Int64 = type == .timestampNS ? 1000 : 1
        let perDay = Cast.microsecondsPerDay * perMicrosecond
        let (days, overflow) = Int64(width.days).multipliedReportingOverflow(by: perDay)
        let (small, overflow2) = width.microseconds.multipliedReportingOverflow(by: perMicrosecond)
        guard width.months == 0, !overflow, !overflow2, days >= 0, small >= 0, days &+ small > 0 else { return nil }
        return FixedBuckets(origin: Int64(CivilDate(year: 2000, month: 1, day: 3).daysSinceEpoch) * perDay, length: days &+ small)
    }

    /// Buckets count from 2000-01-03 (a Monday) for widths in days and smaller, from 2000-01-01 for months.
    private static func bucket(_ width: Interval, _ time: Int64, _ type: DataType) throws(ZLError) -> Int64 {
        let perMicrosecond: Int64 = type == .timestampNS ? 1000 : 1
        let perDay = Cast.microsecondsPerDay * perMicrosecond
        if width.months > 0, width.days == 0, width.microseconds == 0 {
            let date = CivilDate(daysSinceEpoch: Int(Cast.floorDivide(time, perDay)))
            let month = Int64((date.year - 2000) * 12 + date.month - 1)
            let start = Cast.floorDivide(month, Int64(width.months)) * Int64(width.months)
            let year = 2000 + Int(Cast.floorDivide(start, 12))
            let first = CivilDate(year: year, month: Int(start - Cast.floorDivide(start, 12) * 12) + 1, day: 1)
            return Int64(first.daysSinceEpoch) &* perDay
        }
        guard let fixed = fixedBuckets(width, type) else {
            throw ZLError(.execution, "bucket_width", "the width of a time bucket must be positive, and months cannot be mixed with days")
        }
        return try fixed.start(time, type)
    }
}
