import ZLColumnar

/// Which types become which without being asked, and at what cost: the rules by which overloads and common types are chosen.
///
/// Widening is cheap, exact to floating point dearer, text dearest. DuckDB's order of preference.
extension Cast {
    /// The cost of a silent cast; 0 for the same type, nil where a cast must be written.
    package static func implicitCost(from: DataType, to: DataType) -> Int? {
        if from == to { return 0 }
        if from == .null { return 1 }
        if let wider = integerRank(from) {
            if let target = integerRank(to) {
                guard let source = from.integerRange, let range = to.integerRange,
                    range.contains(source.lowerBound), range.contains(source.upperBound)
                else { return nil }
                return 10 + target - wider
            }
            if case .decimal(let precision, let scale) = to {
                return Int(precision) - Int(scale) >= min(38, integerDigits(from)) ? 40 : nil
            }
            if to == .double { return 50 }
            if to == .real { return 60 }
        }
        switch (from, to) {
        case (.decimal(let precision, let scale), .decimal(let wide, let wideScale)):
            return wide - min(wide, wideScale) >= precision - min(precision, scale) && wideScale >= scale ? 20 : nil
        case (.decimal, .double): return 50
        case (.decimal, .real): return 60
        case (.real, .double): return 10
        case (.date, .timestamp): return 10
        case (.date, .timestampNS): return 12
        case (.date, .timestampTZ): return 14
        case (.timestamp, .timestampNS): return 10
        case (.timestampNS, .timestamp): return 30
        case (.timestamp, .timestampTZ): return 20
        case (.timestampNS, .timestampTZ): return 22
        default: return nil
        }
    }

    private static func integerRank(_ type: DataType) -> Int? {
        switch type {
        case .utinyint: 1
        case .tinyint: 2
        case .usmallint: 3
        case .smallint: 4
        case .uinteger: 5
        case .integer: 6
        case .ubigint: 7
        case .bigint: 8
        case .hugeint: 9
        default: nil
        }
    }

    /// Decimal digits that any value of an integer type fits in.
    package static func integerDigits(_ type: DataType) -> Int {
        switch type {
        case .boolean: 1
        case .tinyint, .utinyint: 3
        case .smallint, .usmallint: 5
        case .integer, .uinteger: 10
        case .bigint: 19
        case .ubigint: 20
        default: 38
        }
    }

    /// The type that both can be read as without loss, or text where nothing else is left; nil where there is none.
    package static func commonType(_ a: DataType, _ b: DataType) -> DataType? {
        if a == b || b == .null { return a }
        if a == .null { return b }
        if a.isInteger, b.isInteger { return commonInteger(a, b) }
        if a.isNumeric, b.isNumeric { return commonNumber(a, b) }
        if a == .boolean, b.isNumeric { return b }
        if b == .boolean, a.isNumeric { return a }
        if a.isTimestamp || a == .date, b.isTimestamp || b == .date {
            for type in [DataType.timestampTZ, .timestampNS, .timestamp] where a == type || b == type { return type }
        }
        if a == .varchar || b == .varchar, a != .blob, b != .blob { return .varchar }
        return nil
    }

    private static func commonInteger(_ a: DataType, _ b: DataType) -> DataType {
        if implicitCost(from: a, to: b) != nil { return b }
        if implicitCost(from: b, to: a) != nil { return a }
        // why: signed against unsigned of the same or greater width needs the next signed type
        for type in [DataType.smallint, .integer, .bigint] where implicitCost(from: a, to: type) != nil && implicitCost(from: b, to: type) != nil {
            return type
        }
        return .hugeint
    }

    private static func commonNumber(_ a: DataType, _ b: DataType) -> DataType {
        if a == .double || b == .double { return .double }
        if a == .real || b == .real { return a.isInteger || b.isInteger || a.isDecimal || b.isDecimal ? (a.isDecimal || b.isDecimal ? .double : .real) : .real }
        let (wholeA, scaleA) = decimalShape(a)
        let (wholeB, scaleB) = decimalShape(b)
        let scale = max(scaleA, scaleB)
        let precision = min(38, max(wholeA, wholeB) + scale)
        return .decimal(precision: UInt8(precision), scale: UInt8(min(scale, precision)))
    }

    /// Digits before and behind the point.
    package static func decimalShape(_ type: DataType) -> (whole: Int, scale: Int) {
        if case .decimal(let precision, let scale) = type { return (Int(precision) - Int(scale), Int(scale)) }
        return (min(38, integerDigits(type)), 0)
    }

    /// The whole number that a DECIMAL of this type stores for 1, and 1 for other types.
    package static func unit(of type: DataType) -> Double { Double(PowersOfTen.integer(type.isDecimal ? decimalShape(type).scale : 0)) }

    /// Whether a written cast exists; it may still fail for a value.
    package static func isPossible(from: DataType, to: DataType) -> Bool {
        if from == to || from == .null || from == .varchar || to == .varchar { return true }
        if from == .boolean { return to.isNumeric }
        if from.isNumeric { return to.isNumeric || to == .boolean }
        if from.isTimestamp { return to.isTimestamp || to == .date || to == .time }
        if from == .date { return to.isTimestamp }
        if from == .time { return to == .interval }
        return false
    }
}
