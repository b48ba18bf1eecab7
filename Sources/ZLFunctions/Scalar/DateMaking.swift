import ZLColumnar

/// Times and intervals made from numbers.
enum DateMaking {
    static let functions: [ScalarFunction] = [
        interval("to_years", "year", 12), interval("to_months", "month", 1), interval("to_weeks", "week", 7), interval("to_days", "day", 1),
        interval("to_hours", "hour", 3_600_000_000), interval("to_minutes", "minute", 60_000_000),
        TextFunctions.values("to_seconds", "An interval of so many seconds.", "to_seconds(90)", [[.double]], .interval) { (values) throws(ZLError) in
            try microseconds(values[0], 1_000_000, "to_seconds")
        },
        TextFunctions.values("to_milliseconds", "An interval of so many milliseconds.", "to_milliseconds(90)", [[.double]], .interval) { (values) throws(ZLError) in
            try microseconds(values[0], 1000, "to_milliseconds")
        },
        TextFunctions.values(
            "make_time", "A TIME from hour, minute and second.", "make_time(13, 45, 59.5)", [[.bigint, .bigint, .double]], .time
        ) { (values) throws(ZLError) in .ticks(try timeOfDay(values[...], "make_time")) },
        TextFunctions.values(
            "make_timestamp", "A TIMESTAMP from year, month, day, hour, minute and second.", "make_timestamp(2024, 3, 15, 13, 45, 59.5)",
            [[.bigint, .bigint, .bigint, .bigint, .bigint, .double]], .timestamp
        ) { (values) throws(ZLError) in
            guard case .integer(let year) = values[0], case .integer(let month) = values[1], case .integer(let day) = values[2] else { return .null }
            let date = CivilDate(year: TextFunctions.clamp(year), month: TextFunctions.clamp(month), day: TextFunctions.clamp(day))
            guard abs(year) < 290_000, date.isValid else { throw ZLError(.conversion, "no_such_date", "there is no date \(year)-\(month)-\(day)") }
            return .ticks(Int64(date.daysSinceEpoch) * Cast.microsecondsPerDay + (try timeOfDay(values[3...], "make_timestamp")))
        },
        TextFunctions.values("to_timestamp", "The time so many seconds after 1970-01-01 UTC.", "to_timestamp(1710460800)", [[.double]], .timestampTZ) {
            (values) throws(ZLError) in
            guard case .double(let seconds) = values[0] else { return .null }
            guard let ticks = Int64(exactly: (seconds * 1e6).rounded()) else { throw TemporalArithmetic.outOfRange(.timestampTZ) }
            return .ticks(ticks)
        },
    ]

    /// Months, days (7 a week) or microseconds of one unit.
    private static func interval(_ name: String, _ unit: String, _ factor: Int128) -> ScalarFunction {
        TextFunctions.values(name, "An interval of so many \(unit)s.", "\(name)(2)", [[.bigint]], .interval) { (values) throws(ZLError) in
            guard case .integer(let number) = values[0] else { return .null }
            let amount = number * factor
            switch unit {
            case "year", "month":
                guard let months = Int32(exactly: amount) else { throw TemporalArithmetic.outOfRange(.interval) }
                return .interval(Interval(months: months))
            case "week", "day":
                guard let days = Int32(exactly: amount) else { throw TemporalArithmetic.outOfRange(.interval) }
                return .interval(Interval(days: days))
            default:
                guard let microseconds = Int64(exactly: amount) else { throw TemporalArithmetic.outOfRange(.interval) }
                return .interval(Interval(microseconds: microseconds))
            }
        }
    }

    private static func microseconds(_ value: Value, _ factor: Double, _ name: String) throws(ZLError) -> Value {
        guard case .double(let number) = value else { return .null }
        guard let microseconds = Int64(exactly: (number * factor).rounded()) else { throw TemporalArithmetic.outOfRange(.interval) }
        return .interval(Interval(microseconds: microseconds))
    }

    private static func timeOfDay(_ values: ArraySlice<Value>, _ name: String) throws(ZLError) -> Int64 {
        let parts = Array(values)
        guard case .integer(let hour) = parts[0], case .integer(let minute) = parts[1], case .double(let second) = parts[2] else { return 0 }
        guard (0..<24).contains(hour), (0..<60).contains(minute), second >= 0, second < 60 else {
            throw ZLError(.conversion, "no_such_time", "there is no time \(hour):\(minute):\(second)")
        }
        return Int64(hour * 60 + minute) * 60_000_000 + Int64((second * 1e6).rounded())
    }
}
