extension TextParser {
    /// Pairs of a number and a unit, then perhaps a time and `ago`: `1 year 2 months -3 days 04:05:06`, `1h`, `1.5 days`. A
    /// number without unit counts seconds; a fraction of a unit spills into the smaller ones (a month is 30 days, a day 24 hours).
    package static func interval(_ bytes: UnsafeRawBufferPointer) -> Interval? {
        var cursor = ByteCursor(bytes)
        cursor.trim()
        if cursor.accept(UInt8(ascii: "@")) { cursor.skipBlanks() }
        var sum = IntervalSum()
        var found = 0
        while !cursor.isAtEnd {
            if cursor.restIs("ago") {
                guard found > 0 else { return nil }
                return sum.interval(negated: true)
            }
            guard addTerm(&cursor, to: &sum) else { return nil }
            found += 1
            cursor.skipBlanks()
        }
        return found > 0 ? sum.interval(negated: false) : nil
    }

    private static func addTerm(_ cursor: inout ByteCursor, to sum: inout IntervalSum) -> Bool {
        let isNegative = cursor.accept(UInt8(ascii: "-"))
        guard let number = cursor.number(most: 18) else { return false }
        if cursor.peek == UInt8(ascii: ":") { return addClock(hours: number, isNegative, &cursor, to: &sum) }
        var fraction = 0.0
        if cursor.accept(UInt8(ascii: ".")) {
            var weight = 0.1
            while let byte = cursor.peek, byte &- 48 <= 9 {
                fraction += Double(byte &- 48) * weight
                weight /= 10
                cursor.skip(1)
            }
        }
        cursor.skipBlanks()
        let word = cursor.word()
        let unit: IntervalUnit
        if word.isEmpty {
            unit = .second
        } else {
            guard let named = IntervalUnit(name: String(decoding: word, as: UTF8.self)) else { return false }
            unit = named
        }
        let sign = isNegative ? -1 : 1
        return sum.add(Int64(sign * number), fraction: Double(sign) * fraction, unit: unit)
    }

    private static func addClock(
        hours: Int, _ isNegative: Bool, _ cursor: inout ByteCursor, to sum: inout IntervalSum
    ) -> Bool {
        cursor.skip(1)
        guard let minutes = cursor.number(most: 2), minutes < 60 else { return false }
        var seconds = 0
        var microseconds: Int64 = 0
        if cursor.accept(UInt8(ascii: ":")) {
            guard let found = cursor.number(most: 2), found < 60 else { return false }
            seconds = found
            if cursor.accept(UInt8(ascii: ".")) {
                var weight: Int64 = 100_000
                while let byte = cursor.peek, byte &- 48 <= 9 {
                    microseconds += Int64(byte &- 48) * weight
                    weight /= 10
                    cursor.skip(1)
                }
            }
        }
        let sign: Int64 = isNegative ? -1 : 1
        return sum.add(sign * Int64(hours), fraction: 0, unit: .hour)
            && sum.add(sign * Int64(minutes), fraction: 0, unit: .minute)
            && sum.add(sign * Int64(seconds), fraction: 0, unit: .second)
            && sum.add(sign * microseconds, fraction: 0, unit: .microsecond)
    }
}

/// A unit of time as interval texts and INTERVAL literals name it.
package enum IntervalUnit: Hashable, Sendable {
    case millennium, century, decade, year, quarter, month, week, day, hour, minute, second, millisecond, microsecond

    /// The unit that a word means, in the singular, the plural or short; `name` is in lower case.
    package init?(name: String) {
        switch name {
        case "millennium", "millennia", "millenniums", "mil", "mils": self = .millennium
        case "century", "centuries", "cent", "c": self = .century
        case "decade", "decades", "dec", "decs": self = .decade
        case "year", "years", "y", "yr", "yrs": self = .year
        case "quarter", "quarters": self = .quarter
        case "month", "months", "mon", "mons": self = .month
        case "week", "weeks", "w": self = .week
        case "day", "days", "d", "dayofmonth": self = .day
        case "hour", "hours", "h", "hr", "hrs": self = .hour
        case "minute", "minutes", "m", "min", "mins": self = .minute
        case "second", "seconds", "s", "sec", "secs": self = .second
        case "millisecond", "milliseconds", "ms", "msec", "msecs": self = .millisecond
        case "microsecond", "microseconds", "us", "usec", "usecs": self = .microsecond
        default: return nil
        }
    }

    /// The unit as months, days or microseconds, one of which is not zero.
    package var span: Interval {
        switch self {
        case .millennium: Interval(months: 12_000)
        case .century: Interval(months: 1200)
        case .decade: Interval(months: 120)
        case .year: Interval(months: 12)
        case .quarter: Interval(months: 3)
        case .month: Interval(months: 1)
        case .week: Interval(days: 7)
        case .day: Interval(days: 1)
        case .hour: Interval(microseconds: 3_600_000_000)
        case .minute: Interval(microseconds: 60_000_000)
        case .second: Interval(microseconds: 1_000_000)
        case .millisecond: Interval(microseconds: 1000)
        case .microsecond: Interval(microseconds: 1)
        }
    }
}

/// Adds up the terms of an interval without overflow.
private struct IntervalSum {
    private var months: Int64 = 0
    private var days: Int64 = 0
    private var microseconds: Int64 = 0

    /// Whether the sum still fits.
    mutating func add(_ number: Int64, fraction: Double, unit: IntervalUnit) -> Bool {
        let span = unit.span
        guard IntervalSum.accumulate(&months, number, Int64(span.months)),
            IntervalSum.accumulate(&days, number, Int64(span.days)),
            IntervalSum.accumulate(&microseconds, number, span.microseconds)
        else { return false }
        return fraction == 0 || addFraction(fraction, of: span)
    }

    private mutating func addFraction(_ fraction: Double, of span: Interval) -> Bool {
        var extraDays = fraction * Double(span.days)
        if span.months > 0 {
            let extraMonths = fraction * Double(span.months)
            let whole = IntervalSum.truncated(extraMonths)
            months += Int64(whole)
            extraDays = (extraMonths - whole) * 30
        }
        let wholeDays = IntervalSum.truncated(extraDays)
        days += Int64(wholeDays)
        let rest = (extraDays - wholeDays) * 86_400_000_000 + fraction * Double(span.microseconds)
        return IntervalSum.accumulate(&microseconds, Int64(rest.rounded()), 1)
    }

    /// Toward zero, but for the error that a decimal fraction carries.
    private static func truncated(_ value: Double) -> Double { (value + (value < 0 ? -1e-9 : 1e-9)).rounded(.towardZero) }

    private static func accumulate(_ total: inout Int64, _ number: Int64, _ factor: Int64) -> Bool {
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        let (sum, carry) = total.addingReportingOverflow(product)
        total = sum
        return !overflow && !carry
    }

    func interval(negated: Bool) -> Interval? {
        let sign: Int64 = negated ? -1 : 1
        guard let months = Int32(exactly: months), let days = Int32(exactly: days), months > Int32.min, days > Int32.min,
            microseconds > Int64.min
        else { return nil }
        return Interval(
            months: months * Int32(sign), days: days * Int32(sign), microseconds: microseconds * sign)
    }
}
