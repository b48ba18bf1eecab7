/// Values as 64-bit integers that sort as the values do: what zone maps keep.
///
/// Integers, dates and times stand for themselves. Floating point follows SQL's order, NaN above infinity and -0 equal to 0. Text
/// keeps its first eight bytes: a smaller key is a smaller text, equal keys say nothing.
package enum OrderKey {
    @inlinable @inline(__always)
    package static func key(_ value: Double) -> Int64 {
        if value.isNaN { return Int64.max }
        let bits = Int64(bitPattern: (value == 0 ? 0.0 : value).bitPattern)
        return bits >= 0 ? bits : bits ^ Int64.max
    }

    /// The floating-point value of a key.
    static func double(_ key: Int64) -> Double { Double(bitPattern: UInt64(bitPattern: key >= 0 ? key : key ^ Int64.max)) }

    @inlinable @inline(__always)
    package static func key(_ value: UInt64) -> Int64 { Int64(bitPattern: value ^ (1 << 63)) }

    @inlinable
    package static func key(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        var prefix: UInt64 = 0
        for index in 0..<min(8, bytes.count) { prefix |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
        return key(prefix)
    }

    /// The key of a value of a layout; nil for NULL, for layouts without keys and for a value of another layout.
    package static func key(_ value: Value, _ physical: PhysicalType) -> Int64? {
        switch (value, physical) {
        case (.boolean(let flag), .bool): flag ? 1 : 0
        case (.integer(let number), .int8), (.integer(let number), .int16), (.integer(let number), .int32), (.integer(let number), .int64),
            (.decimal(let number), .int64), (.integer(let number), .uint8), (.integer(let number), .uint16),
            (.integer(let number), .uint32):
            Int64(exactly: number)
        case (.integer(let number), .uint64): UInt64(exactly: number).map { key($0) }
        case (.real(let number), .float32): key(Double(number))
        case (.double(let number), .float64): key(number)
        case (.date(let days), .int32): Int64(days)
        case (.ticks(let ticks), .int64): ticks
        case (.string(let text), .string): key(text: text)
        case (.blob(let bytes), .string): bytes.withUnsafeBytes { key($0) }
        default: nil
        }
    }

    private static func key(text: String) -> Int64 {
        var text = text
        return text.withUTF8 { key(UnsafeRawBufferPointer($0)) }
    }
}
