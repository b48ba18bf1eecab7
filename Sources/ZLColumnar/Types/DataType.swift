/// The SQL type of a column or an expression.
///
/// Each type has one physical layout (`physical`); two types with the same layout differ in meaning only.
package enum DataType: Hashable, Sendable {
    /// The type of a bare NULL; it becomes any other type for free.
    case null
    case boolean
    case tinyint, smallint, integer, bigint, hugeint
    case utinyint, usmallint, uinteger, ubigint
    case real, double
    /// A fixed-point number: an integer times 10^-scale. `precision` digits in all, at most 38.
    case decimal(precision: UInt8, scale: UInt8)
    /// UTF-8 text.
    case varchar
    case blob
    /// Days since 1970-01-01.
    case date
    /// Microseconds since midnight.
    case time
    /// Microseconds since 1970-01-01 00:00 with no zone.
    case timestamp
    /// Nanoseconds since 1970-01-01 00:00 with no zone.
    case timestampNS
    /// Microseconds since 1970-01-01 00:00 UTC.
    case timestampTZ
    case interval
}

/// How the values of a column lie in memory.
package enum PhysicalType: UInt8, Hashable, Sendable, CaseIterable {
    /// One byte, 0 or 1.
    case bool = 0
    case int8 = 1, int16 = 2, int32 = 3, int64 = 4, int128 = 5
    case uint8 = 6, uint16 = 7, uint32 = 8, uint64 = 9
    case float32 = 10, float64 = 11
    /// A 16-byte `StringView`.
    case string = 12
    /// A 16-byte `Interval`.
    case interval = 13

    /// Bytes from one value to the next.
    package var stride: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        case .int128, .string, .interval: 16
        }
    }
}

extension DataType {
    package var physical: PhysicalType {
        switch self {
        case .null, .boolean: .bool
        case .tinyint: .int8
        case .smallint: .int16
        case .integer, .date: .int32
        case .bigint, .time, .timestamp, .timestampNS, .timestampTZ: .int64
        case .hugeint: .int128
        case .utinyint: .uint8
        case .usmallint: .uint16
        case .uinteger: .uint32
        case .ubigint: .uint64
        case .real: .float32
        case .double: .float64
        case .decimal(let precision, _): precision <= 18 ? .int64 : .int128
        case .varchar, .blob: .string
        case .interval: .interval
        }
    }

    package var isInteger: Bool {
        switch self {
        case .tinyint, .smallint, .integer, .bigint, .hugeint, .utinyint, .usmallint, .uinteger, .ubigint: true
        default: false
        }
    }

    package var isDecimal: Bool { if case .decimal = self { true } else { false } }
    package var isFloating: Bool { self == .real || self == .double }
    package var isNumeric: Bool { isInteger || isFloating || isDecimal }
    package var isTimestamp: Bool { self == .timestamp || self == .timestampNS || self == .timestampTZ }
    package var isTemporal: Bool { isTimestamp || self == .date || self == .time || self == .interval }

    /// The least and greatest value of an integer type.
    package var integerRange: ClosedRange<Int128>? {
        switch self {
        case .tinyint: Int128(Int8.min)...Int128(Int8.max)
        case .smallint: Int128(Int16.min)...Int128(Int16.max)
        case .integer: Int128(Int32.min)...Int128(Int32.max)
        case .bigint: Int128(Int64.min)...Int128(Int64.max)
        case .hugeint: Int128.min...Int128.max
        case .utinyint: 0...Int128(UInt8.max)
        case .usmallint: 0...Int128(UInt16.max)
        case .uinteger: 0...Int128(UInt32.max)
        case .ubigint: 0...Int128(UInt64.max)
        default: nil
        }
    }
}

extension DataType: CustomStringConvertible {
    /// The type as SQL writes it, for example `DECIMAL(18,9)`.
    package var description: String {
        switch self {
        case .null: "\"NULL\""
        case .boolean: "BOOLEAN"
        case .tinyint: "TINYINT"
        case .smallint: "SMALLINT"
        case .integer: "INTEGER"
        case .bigint: "BIGINT"
        case .hugeint: "HUGEINT"
        case .utinyint: "UTINYINT"
        case .usmallint: "USMALLINT"
        case .uinteger: "UINTEGER"
        case .ubigint: "UBIGINT"
        case .real: "FLOAT"
        case .double: "DOUBLE"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .varchar: "VARCHAR"
        case .blob: "BLOB"
        case .date: "DATE"
        case .time: "TIME"
        case .timestamp: "TIMESTAMP"
        case .timestampNS: "TIMESTAMP_NS"
        case .timestampTZ: "TIMESTAMP WITH TIME ZONE"
        case .interval: "INTERVAL"
        }
    }
}
