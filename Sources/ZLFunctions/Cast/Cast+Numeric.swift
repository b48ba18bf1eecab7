import ZLColumnar

extension Cast {
    /// Numbers and booleans into numbers and booleans.
    static func numeric(_ vector: ColumnVector, to type: DataType, isTry: Bool) throws(ZLError) -> ColumnVector {
        if case .decimal(_, let scale) = vector.type { return try fromDecimal(vector, scale: Int(scale), to: type, isTry: isTry) }
        switch vector.physical {
        case .bool, .uint8: return try fromInteger(vector, UInt8.self, to: type, isTry: isTry)
        case .int8: return try fromInteger(vector, Int8.self, to: type, isTry: isTry)
        case .int16: return try fromInteger(vector, Int16.self, to: type, isTry: isTry)
        case .int32: return try fromInteger(vector, Int32.self, to: type, isTry: isTry)
        case .int64: return try fromInteger(vector, Int64.self, to: type, isTry: isTry)
        case .int128: return try fromInteger(vector, Int128.self, to: type, isTry: isTry)
        case .uint16: return try fromInteger(vector, UInt16.self, to: type, isTry: isTry)
        case .uint32: return try fromInteger(vector, UInt32.self, to: type, isTry: isTry)
        case .uint64: return try fromInteger(vector, UInt64.self, to: type, isTry: isTry)
        case .float32: return try fromFloating(vector, Float.self, to: type, isTry: isTry)
        case .float64: return try fromFloating(vector, Double.self, to: type, isTry: isTry)
        case .string, .interval: throw ZLError(.binding, "no_cast", "there is no cast from \(vector.type) to \(type)")
        }
    }

    private static func fromInteger<T: FixedWidthInteger>(
        _ vector: ColumnVector, _ element: T.Type, to type: DataType, isTry: Bool
    ) throws(ZLError) -> ColumnVector {
        if case .decimal(let precision, let scale) = type {
            let factor = Int128(PowersOfTen.integer(Int(scale)))
            let limit = Int128(PowersOfTen.integer(Int(precision)))
            if T.bitWidth <= 64, Cast.decimalShape(vector.type).whole <= Int(precision) - Int(scale) {
                return scaledUp(vector, T.self, by: Int(scale), to: type)
            }
            func unscaled(_ value: T) -> Int128? {
                guard let wide = Int128(exactly: value) else { return nil }
                let (product, overflow) = wide.multipliedReportingOverflow(by: factor)
                return overflow || product.magnitude >= limit.magnitude ? nil : product
            }
            if type.physical == .int64 {
                return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (value: T) in unscaled(value).map { Int64(truncatingIfNeeded: $0) } }
            }
            return try map(vector, to: type, isTry: isTry, filler: Int128(0)) { (value: T) in unscaled(value) }
        }
        switch type.physical {
        case .bool: return try map(vector, to: type, isTry: isTry, filler: UInt8(0)) { (value: T) in value == 0 ? 0 : 1 }
        case .int8: return try whole(vector, T.self, Int8.self, to: type, isTry: isTry)
        case .int16: return try whole(vector, T.self, Int16.self, to: type, isTry: isTry)
        case .int32: return try whole(vector, T.self, Int32.self, to: type, isTry: isTry)
        case .int64: return try whole(vector, T.self, Int64.self, to: type, isTry: isTry)
        case .int128: return try whole(vector, T.self, Int128.self, to: type, isTry: isTry)
        case .uint8: return try whole(vector, T.self, UInt8.self, to: type, isTry: isTry)
        case .uint16: return try whole(vector, T.self, UInt16.self, to: type, isTry: isTry)
        case .uint32: return try whole(vector, T.self, UInt32.self, to: type, isTry: isTry)
        case .uint64: return try whole(vector, T.self, UInt64.self, to: type, isTry: isTry)
        case .float32: return mapAll(vector, to: type) { (value: T) in Float(value) }
        case .float64:
            if T.self == Int64.self, type == .double { return DoubleArithmetic.nearest(vector) }
            return mapAll(vector, to: type) { (value: T) in Double(value) }
        case .string, .interval: throw ZLError(.binding, "no_cast", "there is no cast from \(vector.type) to \(type)")
        }
    }

    /// Whole numbers that all fit keep their low bits.
    @inline(__always)
    private static func whole<T: FixedWidthInteger, W: FixedWidthInteger & BitwiseCopyable>(
        _ vector: ColumnVector, _ element: T.Type, _ target: W.Type, to type: DataType, isTry: Bool
    ) throws(ZLError) -> ColumnVector {
        if W(exactly: T.min) != nil, W(exactly: T.max) != nil { return mapAll(vector, to: type) { (value: T) in W(truncatingIfNeeded: value) } }
        return try map(vector, to: type, isTry: isTry, filler: W(0)) { (value: T) in W(exactly: value) }
    }

    /// Times ten to a power, as a DECIMAL that has room for every value of the vector's type.
    @inline(__always)
    private static func scaledUp<T: FixedWidthInteger>(
        _ vector: ColumnVector, _ element: T.Type, by exponent: Int, to type: DataType
    ) -> ColumnVector {
        if exponent == 0, vector.physical == type.physical { return vector.reinterpreted(as: type) }
        let factor = Int128(PowersOfTen.integer(exponent))
        if type.physical == .int64 {
            let narrow = Int64(truncatingIfNeeded: factor)
            return mapAll(vector, to: type) { (value: T) in Int64(truncatingIfNeeded: value) &* narrow }
        }
        return mapAll(vector, to: type) { (value: T) in Int128(truncatingIfNeeded: value) &* factor }
    }

    private static func fromFloating<T: BinaryFloatingPoint>(
        _ vector: ColumnVector, _ element: T.Type, to type: DataType, isTry: Bool
    ) throws(ZLError) -> ColumnVector {
        if case .decimal(let precision, let scale) = type {
            let factor = Double(PowersOfTen.integer(Int(scale)))
            let limit = Double(PowersOfTen.integer(Int(precision)))
            func unscaled(_ value: T) -> Int128? {
                let scaled = (Double(value) * factor).rounded(.toNearestOrAwayFromZero)
                return scaled.magnitude < limit ? Int128(scaled) : nil
            }
            if type.physical == .int64 {
                return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (value: T) in unscaled(value).map { Int64(truncatingIfNeeded: $0) } }
            }
            return try map(vector, to: type, isTry: isTry, filler: Int128(0)) { (value: T) in unscaled(value) }
        }
        func whole<I: FixedWidthInteger>(_ value: T) -> I? { I(exactly: value.rounded(.toNearestOrEven)) }
        switch type.physical {
        case .bool: return try map(vector, to: type, isTry: isTry, filler: UInt8(0)) { (value: T) in value == 0 ? 0 : 1 }
        case .int8: return try map(vector, to: type, isTry: isTry, filler: Int8(0)) { (value: T) in whole(value) }
        case .int16: return try map(vector, to: type, isTry: isTry, filler: Int16(0)) { (value: T) in whole(value) }
        case .int32: return try map(vector, to: type, isTry: isTry, filler: Int32(0)) { (value: T) in whole(value) }
        case .int64: return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (value: T) in whole(value) }
        case .int128: return try map(vector, to: type, isTry: isTry, filler: Int128(0)) { (value: T) in whole(value) }
        case .uint8: return try map(vector, to: type, isTry: isTry, filler: UInt8(0)) { (value: T) in whole(value) }
        case .uint16: return try map(vector, to: type, isTry: isTry, filler: UInt16(0)) { (value: T) in whole(value) }
        case .uint32: return try map(vector, to: type, isTry: isTry, filler: UInt32(0)) { (value: T) in whole(value) }
        case .uint64: return try map(vector, to: type, isTry: isTry, filler: UInt64(0)) { (value: T) in whole(value) }
        case .float32: return try map(vector, to: type, isTry: isTry, filler: Float(0)) { (value: T) in
            let narrow = Float(value)
            return narrow.isInfinite && !value.isInfinite ? nil : narrow
        }
        case .float64: return mapAll(vector, to: type) { (value: T) in Double(value) }
        case .string, .interval: throw ZLError(.binding, "no_cast", "there is no cast from \(vector.type) to \(type)")
        }
    }

    private static func fromDecimal(
        _ vector: ColumnVector, scale: Int, to type: DataType, isTry: Bool
    ) throws(ZLError) -> ColumnVector {
        if vector.physical == .int64 { return try fromUnscaled(vector, Int64.self, scale: scale, to: type, isTry: isTry) }
        return try fromUnscaled(vector, Int128.self, scale: scale, to: type, isTry: isTry)
    }

    private static func fromUnscaled<T: FixedWidthInteger>(
        _ vector: ColumnVector, _ element: T.Type, scale: Int, to type: DataType, isTry: Bool
    ) throws(ZLError) -> ColumnVector {
        let divisor = Double(PowersOfTen.integer(scale))
        switch type {
        case .double: return mapAll(vector, to: type) { (value: T) in Double(value) / divisor }
        case .real: return mapAll(vector, to: type) { (value: T) in Float(Double(value) / divisor) }
        case .boolean: return mapAll(vector, to: type) { (value: T) in UInt8(value == 0 ? 0 : 1) }
        case .decimal(let precision, let newScale):
            let limit = Int128(PowersOfTen.integer(Int(precision)))
            let difference = Int(newScale) - scale
            if difference >= 0, Cast.decimalShape(vector.type).whole <= Int(precision) - Int(newScale) {
                return scaledUp(vector, T.self, by: difference, to: type)
            }
            func rescaled(_ value: T) -> Int128? {
                guard let wide = Int128(exactly: value), let moved = Cast.rescale(wide, by: difference) else { return nil }
                return moved.magnitude < limit.magnitude ? moved : nil
            }
            if type.physical == .int64 {
                return try map(vector, to: type, isTry: isTry, filler: Int64(0)) { (value: T) in rescaled(value).map { Int64(truncatingIfNeeded: $0) } }
            }
            return try map(vector, to: type, isTry: isTry, filler: Int128(0)) { (value: T) in rescaled(value) }
        default:
            // why: the whole part fits HUGEINT, from where the integer casts check the range
            let whole: ColumnVector = try map(vector, to: .hugeint, isTry: isTry, filler: Int128(0)) { (value: T) in
                Int128(exactly: value).flatMap { Cast.rescale($0, by: -scale) }
            }
            return type == .hugeint ? whole : try numeric(whole, to: type, isTry: isTry)
        }
    }

    /// `value * 10^exponent`, rounded half away from zero; nil on overflow.
    static func rescale(_ value: Int128, by exponent: Int) -> Int128? {
        if exponent >= 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: Int128(PowersOfTen.integer(exponent)))
            return overflow ? nil : product
        }
        let divisor = Int128(PowersOfTen.integer(-exponent))
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else { return quotient }
        return quotient + (value < 0 ? -1 : 1)
    }
}
