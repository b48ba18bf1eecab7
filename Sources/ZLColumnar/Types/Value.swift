/// One value, for the edges only: literals, results, zone maps, messages. Inside operators values live in vectors.
///
/// The payload is that of the column's physical type; a `DataType` beside it says what it means.
package enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// Any integer type.
    case integer(Int128)
    /// The unscaled integer of a DECIMAL; the scale is in the type.
    case decimal(Int128)
    case real(Float)
    case double(Double)
    case string(String)
    case blob([UInt8])
    /// Days since 1970-01-01.
    case date(Int32)
    /// TIME, TIMESTAMP, TIMESTAMP_NS or TIMESTAMPTZ in the type's own unit.
    case ticks(Int64)
    case interval(Interval)

    package var isNull: Bool { if case .null = self { true } else { false } }
}
