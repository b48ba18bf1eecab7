extension TextParser {
    /// A text as a value of a type; nil where it is none. For literals and single values, not for loops over data.
    package static func value(_ bytes: UnsafeRawBufferPointer, as type: DataType) -> Value? {
        let builder = ColumnBuilder(type: type, capacity: 1)
        return append(bytes, to: builder) ? builder.finish().value(at: 0) : nil
    }

    package static func value(_ text: String, as type: DataType) -> Value? {
        var text = text
        return text.withUTF8 { value(UnsafeRawBufferPointer($0), as: type) }
    }

    /// Appends a text as a value of the builder's type; false, and nothing appended, where it is none.
    package static func append(_ bytes: UnsafeRawBufferPointer, to builder: ColumnBuilder) -> Bool {
        switch builder.type {
        case .null: builder.appendNull()
        case .boolean:
            guard let value = boolean(bytes) else { return false }
            builder.append(UInt8(value ? 1 : 0))
        case .bigint:
            guard let value = int64(bytes) else { return false }
            builder.append(value)
        case .tinyint: return appendInteger(bytes, Int8.self, to: builder)
        case .smallint: return appendInteger(bytes, Int16.self, to: builder)
        case .integer: return appendInteger(bytes, Int32.self, to: builder)
        case .hugeint: return appendInteger(bytes, Int128.self, to: builder)
        case .utinyint: return appendInteger(bytes, UInt8.self, to: builder)
        case .usmallint: return appendInteger(bytes, UInt16.self, to: builder)
        case .uinteger: return appendInteger(bytes, UInt32.self, to: builder)
        case .ubigint: return appendInteger(bytes, UInt64.self, to: builder)
        case .real:
            guard let value = float(bytes) else { return false }
            builder.append(value)
        case .double:
            guard let value = double(bytes) else { return false }
            builder.append(value)
        case .decimal(let precision, let scale):
            guard let value = decimal(bytes, precision: Int(precision), scale: Int(scale)) else { return false }
            if precision <= 18 { builder.append(Int64(truncatingIfNeeded: value)) } else { builder.append(value) }
        case .varchar: builder.append(bytes: bytes)
        case .blob:
            guard let value = blob(bytes) else { return false }
            value.withUnsafeBytes { builder.append(bytes: $0) }
        case .date:
            guard let value = date(bytes) else { return false }
            builder.append(value)
        case .time: return appendTicks(time(bytes), to: builder)
        case .timestamp: return appendTicks(timestamp(bytes), to: builder)
        case .timestampNS: return appendTicks(timestampNS(bytes), to: builder)
        case .timestampTZ: return appendTicks(timestampTZ(bytes), to: builder)
        case .interval:
            guard let value = interval(bytes) else { return false }
            builder.append(value)
        }
        return true
    }

    private static func appendInteger<T: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ element: T.Type, to builder: ColumnBuilder
    ) -> Bool {
        guard let number = integer(bytes), let value = T(exactly: number) else { return false }
        builder.append(value)
        return true
    }

    private static func appendTicks(_ value: Int64?, to builder: ColumnBuilder) -> Bool {
        guard let value else { return false }
        builder.append(value)
        return true
    }

    /// A VARCHAR column cast to a type. NULL stays NULL; a text that is no such value throws, or becomes NULL where
    /// `failureIsNull` (TRY_CAST).
    ///
    /// - Complexity: O(count).
    package static func cast(
        _ vector: ColumnVector, to type: DataType, failureIsNull: Bool = false
    ) throws(ZLError) -> ColumnVector {
        if type == .varchar { return vector }
        if vector.form == .constant, vector.count > 0 {
            let one = try cast(vector.resized(to: 1).flattened(), to: type, failureIsNull: failureIsNull)
            return .constant(one.value(at: 0), type: type, count: vector.count)
        }
        let column = TextColumn(vector)
        let builder = ColumnBuilder(type: type, capacity: vector.count)
        for row in 0..<vector.count {
            if column.isNull(row) {
                builder.appendNull()
            } else if !append(column.bytes(row), to: builder) {
                guard failureIsNull else { throw failure(column.bytes(row), type) }
                builder.appendNull()
            }
        }
        return builder.finish()
    }

    private static let shownBytes = 60

    /// The error of a text that is no value of a type.
    package static func failure(_ bytes: UnsafeRawBufferPointer, _ type: DataType) -> ZLError {
        ZLError(.conversion, "invalid_cast", "cannot convert \(quoted(bytes)) to \(type)")
    }

    /// A text in quotes for a message, shortened when it is long.
    package static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
        let shown = String(decoding: bytes.prefix(shownBytes), as: UTF8.self)
        return bytes.count > shownBytes ? "\"\(shown)...\"" : "\"\(shown)\""
    }
}
