import ZLColumnar

extension Cast {
    static let microsecondsPerDay: Int64 = 86_400_000_000
    static let nanosecondsPerDay: Int64 = 86_400_000_000_000

    /// Dates and times into one another. A time of day that DATE cannot hold is cut off towards the past,
    /// nanoseconds round to the nearest microsecond.
    static func temporal(_ vector: ColumnVector, to type: DataType, isTry: Bool) throws(ZLError) -> ColumnVector {
        switch (vector.type, type) {
        case (.date, .timestamp), (.date, .timestampTZ):
            return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (days: Int32) in
                scaled(Int64(days), by: microsecondsPerDay)
            }
        case (.date, .timestampNS):
            return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (days: Int32) in
                scaled(Int64(days), by: nanosecondsPerDay)
            }
        case (.timestamp, .date), (.timestampTZ, .date):
            return try map(vector, to: type, isTry: isTry, filler: Int32(0)) { (ticks: Int64) in
                Int32(exactly: floorDivide(ticks, microsecondsPerDay))
            }
        case (.timestampNS, .date):
            return try map(vector, to: type, isTry: isTry, filler: Int32(0)) { (ticks: Int64) in
                Int32(exactly: floorDivide(ticks, nanosecondsPerDay))
            }
        case (.timestamp, .timestampNS), (.timestampTZ, .timestampNS):
            return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (ticks: Int64) in scaled(ticks, by: 1000) }
        case (.timestampNS, .timestamp), (.timestampNS, .timestampTZ):
            return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (ticks: Int64) in
                // Rounds to the nearest microsecond, as DuckDB does.
                floorDivide(ticks, 1000) + (ticks - floorDivide(ticks, 1000) * 1000 >= 500 ? 1 : 0)
            }
        case (.timestamp, .time), (.timestampTZ, .time):
            return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (ticks: Int64) in
                ticks - floorDivide(ticks, microsecondsPerDay) * microsecondsPerDay
            }
        case (.timestampNS, .time):
            return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (ticks: Int64) in
                (ticks - floorDivide(ticks, nanosecondsPerDay) * nanosecondsPerDay) / 1000
            }
        case (.time, .interval):
            return try map(vector, to: type, isTry: isTry, filler: Interval()) { (ticks: Int64) in
                Interval(microseconds: ticks)
            }
        default:
            throw ZLError(.binding, "no_cast", "there is no cast from \(vector.type) to \(type)")
        }
    }

    private static func scaled(_ value: Int64, by factor: Int64) -> Int64? {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    /// The quotient rounded down.
    @inline(__always)
    package static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
