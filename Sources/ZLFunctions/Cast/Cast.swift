import ZLColumnar

/// Turns a vector into another type.
///
/// NULL stays NULL. A value that does not fit is an error of class conversion that names value and type, or NULL where the cast
/// is a TRY_CAST. Fractions round half away from zero (DECIMAL) or half to even (DOUBLE to integer), as DuckDB does.
package enum Cast {
    /// - Complexity: O(count); O(1) for constants, O(distinct values) for dictionaries.
    package static func cast(_ vector: ColumnVector, to type: DataType, isTry: Bool = false) throws(ZLError) -> ColumnVector {
        if vector.type == type { return vector }
        if vector.type == .null { return .nulls(type, count: vector.count) }
        if vector.type.physical == type.physical, isReinterpretation(from: vector.type, to: type) {
            return vector.reinterpreted(as: type)
        }
        guard isPossible(from: vector.type, to: type) else {
            throw ZLError(.binding, "no_cast", "there is no cast from \(vector.type) to \(type)")
        }
        if type == .varchar { return TextFormat.varchar(vector) }
        if vector.type == .varchar { return try TextParser.cast(vector, to: type, failureIsNull: isTry) }
        if vector.form == .constant {
            guard vector.count > 0, !vector.isNull(0) else { return .nulls(type, count: vector.count) }
            let one = try cast(vector.resized(to: 1).flattened(), to: type, isTry: isTry)
            return .constant(one.value(at: 0), type: type, count: vector.count)
        }
        let flat = vector.flattened()
        if type.isTimestamp || type == .date || type == .time || type == .interval {
            return try temporal(flat, to: type, isTry: isTry)
        }
        return try numeric(flat, to: type, isTry: isTry)
    }

    /// The same memory under another name.
    private static func isReinterpretation(from: DataType, to: DataType) -> Bool {
        (from == .timestamp && to == .timestampTZ) || (from == .timestampTZ && to == .timestamp)
    }

    /// The error for a value that does not fit.
    static func failure(_ vector: ColumnVector, _ row: Int, _ type: DataType) -> ZLError {
        let text = TextFormat.text(of: vector, row: row)
        return ZLError(
            .conversion, "value_out_of_range",
            "\(vector.type) value \(text) does not fit into \(type)", hint: "TRY_CAST gives NULL instead")
    }

    /// Converts value by value; `convert` gives nil for what does not fit.
    @inline(__always)
    static func map<From, To: BitwiseCopyable>(
        _ vector: ColumnVector, to type: DataType, isTry: Bool, filler: To, _ convert: (From) -> To?
    ) throws(ZLError) -> ColumnVector {
        let count = vector.count
        let buffer = Buffer(byteCount: max(16, count * type.physical.stride))
        let source = vector.values(From.self)
        let target = buffer.values(To.self)
        var validity = vector.validity
        var owned = false
        for row in 0..<count {
            if let value = convert(source[row]) {
                target[row] = value
                continue
            }
            target[row] = filler
            if vector.isNull(row) { continue }
            guard isTry else { throw failure(vector, row, type) }
            if !owned {
                let copy = ValidityBitmap(count: count, allValid: true)
                if let validity { copy.words.update(from: validity.words, count: copy.wordCount) }
                validity = copy
                owned = true
            }
            validity?.setNull(row)
        }
        return ColumnVector(type: type, count: count, buffer: buffer, validity: validity)
    }

    /// Converts value by value, where every value fits.
    @inline(__always)
    static func mapAll<From, To: BitwiseCopyable>(_ vector: ColumnVector, to type: DataType, _ convert: (From) -> To) -> ColumnVector {
        let buffer = Buffer(byteCount: max(16, vector.count * type.physical.stride))
        let source = vector.values(From.self)
        let target = buffer.values(To.self)
        for row in 0..<vector.count { target[row] = convert(source[row]) }
        return ColumnVector(type: type, count: vector.count, buffer: buffer, validity: vector.validity)
    }
}
