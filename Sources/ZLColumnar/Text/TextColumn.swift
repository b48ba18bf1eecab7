/// A column whose rows are wanted as text: resolves the vector's form once, so that a row costs one switch.
package struct TextColumn {
    package let type: DataType
    private let rows: ColumnVector
    /// The vector that holds the values, flat or with one value.
    private let source: ColumnVector
    private let codes: UnsafePointer<UInt32>?
    private let isConstant: Bool
    private let precision: Int
    private let scale: Int

    package init(_ vector: ColumnVector) {
        rows = vector.form == .sequence ? vector.flattened() : vector
        type = vector.type
        isConstant = rows.form == .constant
        if rows.form == .dictionary, let dictionary = rows.dictionary {
            source = dictionary
            codes = rows.codes
        } else {
            source = rows
            codes = nil
        }
        if case .decimal(let digits, let decimals) = vector.type {
            precision = Int(digits)
            scale = Int(decimals)
        } else {
            precision = 0
            scale = 0
        }
    }

    @inline(__always)
    package func isNull(_ row: Int) -> Bool { rows.isNull(row) }

    @inline(__always)
    private func index(_ row: Int) -> Int {
        if let codes { return Int(codes[row]) }
        return isConstant ? 0 : row
    }

    /// The bytes of a VARCHAR or BLOB row that is not NULL.
    package func bytes(_ row: Int) -> UnsafeRawBufferPointer { (source.values(StringView.self) + index(row)).bytes }

    /// The value of a DOUBLE or REAL row that is not NULL.
    package func double(_ row: Int) -> Double {
        type == .real ? Double(source.values(Float.self)[index(row)]) : source.values(Double.self)[index(row)]
    }

    /// Appends the text of a row that is not NULL.
    package func append(_ row: Int, to buffer: ByteBuffer) {
        let index = index(row)
        switch type {
        case .null: break
        case .boolean: TextFormat.append(source.values(UInt8.self)[index] != 0, to: buffer)
        case .tinyint: TextFormat.append(Int64(source.values(Int8.self)[index]), to: buffer)
        case .smallint: TextFormat.append(Int64(source.values(Int16.self)[index]), to: buffer)
        case .integer: TextFormat.append(Int64(source.values(Int32.self)[index]), to: buffer)
        case .bigint: TextFormat.append(source.values(Int64.self)[index], to: buffer)
        case .hugeint: TextFormat.append(source.values(Int128.self)[index], to: buffer)
        case .utinyint: TextFormat.append(UInt64(source.values(UInt8.self)[index]), to: buffer)
        case .usmallint: TextFormat.append(UInt64(source.values(UInt16.self)[index]), to: buffer)
        case .uinteger: TextFormat.append(UInt64(source.values(UInt32.self)[index]), to: buffer)
        case .ubigint: TextFormat.append(source.values(UInt64.self)[index], to: buffer)
        case .real: TextFormat.append(source.values(Float.self)[index], to: buffer)
        case .double: TextFormat.append(source.values(Double.self)[index], to: buffer)
        case .decimal:
            let unscaled = precision <= 18 ? Int128(source.values(Int64.self)[index]) : source.values(Int128.self)[index]
            TextFormat.append(decimal: unscaled, precision: precision, scale: scale, to: buffer)
        case .varchar: buffer.append((source.values(StringView.self) + index).bytes)
        case .blob: TextFormat.append(blob: (source.values(StringView.self) + index).bytes, to: buffer)
        case .date: TextFormat.append(date: source.values(Int32.self)[index], to: buffer)
        case .time: TextFormat.append(time: source.values(Int64.self)[index], to: buffer)
        case .timestamp: TextFormat.append(timestamp: source.values(Int64.self)[index], to: buffer)
        case .timestampNS: TextFormat.append(timestampNS: source.values(Int64.self)[index], to: buffer)
        case .timestampTZ: TextFormat.append(timestampTZ: source.values(Int64.self)[index], to: buffer)
        case .interval: TextFormat.append(source.values(Interval.self)[index], to: buffer)
        }
    }
}

extension TextFormat {
    /// A column cast to VARCHAR; NULL stays NULL.
    ///
    /// - Complexity: O(count). A dictionary or constant vector converts its distinct values only.
    package static func varchar(_ vector: ColumnVector) -> ColumnVector {
        if vector.type == .varchar { return vector }
        if vector.form == .constant {
            return vector.isNull(0) || vector.count == 0
                ? .nulls(.varchar, count: vector.count)
                : .constant(.string(text(of: vector, row: 0)), type: .varchar, count: vector.count)
        }
        let builder = ColumnBuilder(type: .varchar, capacity: vector.count)
        let column = TextColumn(vector)
        let scratch = ByteBuffer()
        for row in 0..<vector.count {
            if column.isNull(row) {
                builder.appendNull()
            } else {
                scratch.removeAll()
                column.append(row, to: scratch)
                builder.append(bytes: scratch.bytes)
            }
        }
        return builder.finish()
    }

    /// The text of one row, for messages and results; empty for NULL.
    package static func text(of vector: ColumnVector, row: Int) -> String {
        let column = TextColumn(vector)
        guard !column.isNull(row) else { return "" }
        let buffer = ByteBuffer()
        column.append(row, to: buffer)
        return buffer.string
    }

    /// The text of one value of a type; empty for NULL.
    package static func text(of value: Value, type: DataType) -> String {
        if case .string(let text) = value { return text }
        return value.isNull ? "" : text(of: .constant(value, type: type, count: 1), row: 0)
    }
}
