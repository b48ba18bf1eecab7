/// A column whose rows are wanted as text: resolves the vector's form once, so that a row costs one switch.
package struct TextColumn {
    /// Reads the rows as long as the `TextColumn` lives. Without references of its own, so loops over rows count none.
    package let rows: TextRows
    private let vectors: [ColumnVector]

    package init(_ vector: ColumnVector) {
        let flat = vector.form == .sequence ? vector.flattened() : vector
        let source = flat.form == .dictionary ? flat.dictionary ?? flat : flat
        vectors = [flat, source]
        rows = TextRows(flat, source)
    }

    package var type: DataType { rows.type }

    package func isNull(_ row: Int) -> Bool { rows.isNull(row) }

    /// The bytes of a VARCHAR or BLOB row that is not NULL.
    package func bytes(_ row: Int) -> UnsafeRawBufferPointer { rows.bytes(row) }

    /// The value of a DOUBLE or REAL row that is not NULL.
    package func double(_ row: Int) -> Double { rows.double(row) }

    /// Appends the text of a row that is not NULL.
    package func append(_ row: Int, to buffer: ByteBuffer) { rows.append(row, to: buffer) }
}

/// The rows of a `TextColumn`, as bare pointers into its vectors.
package struct TextRows {
    package let type: DataType
    private let data: UnsafeRawPointer
    private let validity: UnsafePointer<UInt64>?
    private let codes: UnsafePointer<UInt32>?
    private let isConstant: Bool
    private let precision: Int
    private let scale: Int

    fileprivate init(_ rows: ColumnVector, _ source: ColumnVector) {
        type = rows.type
        isConstant = rows.form == .constant
        data = UnsafeRawPointer(source.values(UInt8.self))
        validity = rows.validity.map { UnsafePointer($0.words) }
        codes = rows.form == .dictionary ? rows.codes : nil
        if case .decimal(let digits, let decimals) = rows.type {
            precision = Int(digits)
            scale = Int(decimals)
        } else {
            precision = 0
            scale = 0
        }
    }

    @inline(__always)
    package func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        let bit = isConstant ? 0 : row
        return (validity[bit >> 6] >> UInt64(bit & 63)) & 1 == 0
    }

    var mayHaveNulls: Bool { validity != nil }

    /// Whether the values lie row by row.
    var isFlat: Bool { codes == nil && !isConstant }

    @inline(__always)
    func index(_ row: Int) -> Int {
        if let codes { return Int(codes[row]) }
        return isConstant ? 0 : row
    }

    @inline(__always)
    func values<T>(_ element: T.Type) -> UnsafePointer<T> { data.assumingMemoryBound(to: T.self) }

    package func bytes(_ row: Int) -> UnsafeRawBufferPointer { (values(StringView.self) + index(row)).bytes }

    package func double(_ row: Int) -> Double {
        type == .real ? Double(values(Float.self)[index(row)]) : values(Double.self)[index(row)]
    }

    package func append(_ row: Int, to buffer: ByteBuffer) {
        let index = index(row)
        switch type {
        case .null: break
        case .boolean: TextFormat.append(values(UInt8.self)[index] != 0, to: buffer)
        case .tinyint: TextFormat.append(Int64(values(Int8.self)[index]), to: buffer)
        case .smallint: TextFormat.append(Int64(values(Int16.self)[index]), to: buffer)
        case .integer: TextFormat.append(Int64(values(Int32.self)[index]), to: buffer)
        case .bigint: TextFormat.append(values(Int64.self)[index], to: buffer)
        case .hugeint: TextFormat.append(values(Int128.self)[index], to: buffer)
        case .utinyint: TextFormat.append(UInt64(values(UInt8.self)[index]), to: buffer)
        case .usmallint: TextFormat.append(UInt64(values(UInt16.self)[index]), to: buffer)
        case .uinteger: TextFormat.append(UInt64(values(UInt32.self)[index]), to: buffer)
        case .ubigint: TextFormat.append(values(UInt64.self)[index], to: buffer)
        case .real: TextFormat.append(values(Float.self)[index], to: buffer)
        case .double: TextFormat.append(values(Double.self)[index], to: buffer)
        case .decimal:
            let unscaled = precision <= 18 ? Int128(values(Int64.self)[index]) : values(Int128.self)[index]
            TextFormat.append(decimal: unscaled, precision: precision, scale: scale, to: buffer)
        case .varchar: buffer.append((values(StringView.self) + index).bytes)
        case .blob: TextFormat.append(blob: (values(StringView.self) + index).bytes, to: buffer)
        case .date: TextFormat.append(date: values(Int32.self)[index], to: buffer)
        case .time: TextFormat.append(time: values(Int64.self)[index], to: buffer)
        case .timestamp: TextFormat.append(timestamp: values(Int64.self)[index], to: buffer)
        case .timestampNS: TextFormat.append(timestampNS: values(Int64.self)[index], to: buffer)
        case .timestampTZ: TextFormat.append(timestampTZ: values(Int64.self)[index], to: buffer)
        case .interval: TextFormat.append(values(Interval.self)[index], to: buffer)
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
