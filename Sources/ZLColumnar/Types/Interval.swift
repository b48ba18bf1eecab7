/// A span of time in three parts that do not convert into each other: months, days, microseconds.
package struct Interval: Hashable, BitwiseCopyable, Sendable {
    package var months: Int32
    package var days: Int32
    package var microseconds: Int64

    @inlinable
    package init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }
}

extension Interval: Comparable {
    /// The order that SQL gives intervals: a month counts 30 days, a day 24 hours.
    package static func < (left: Interval, right: Interval) -> Bool { left.normalized < right.normalized }

    /// Microseconds with a month of 30 days.
    package var normalized: Int128 {
        (Int128(months) * 30 + Int128(days)) * 86_400_000_000 + Int128(microseconds)
    }
}
