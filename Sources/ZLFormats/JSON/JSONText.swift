import ZLColumnar

/// Values as JSON: numbers and booleans as such, everything else as the text that a cast to VARCHAR gives.
package enum JSONText {
    /// Appends one row's value. NaN and the infinities are the texts "NaN", "Infinity" and "-Infinity"; doubles read back bit for bit.
    package static func append(_ column: TextColumn, row: Int, to buffer: ByteBuffer) {
        if column.isNull(row) { return buffer.append("null") }
        switch column.type {
        case .null: buffer.append("null")
        case .boolean, .tinyint, .smallint, .integer, .bigint, .hugeint, .utinyint, .usmallint, .uinteger, .ubigint:
            column.append(row, to: buffer)
        case .real, .double: append(column.double(row), column, row, to: buffer)
        case .decimal: appendDecimal(column, row, to: buffer)
        case .varchar: append(string: column.bytes(row), to: buffer)
        default:
            let scratch = ByteBuffer()
            column.append(row, to: scratch)
            append(string: scratch.bytes, to: buffer)
        }
    }

    /// Appends `[value,value,...]`.
    package static func appendArray(_ columns: [TextColumn], row: Int, to buffer: ByteBuffer) {
        buffer.append(UInt8(ascii: "["))
        for index in columns.indices {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            append(columns[index], row: row, to: buffer)
        }
        buffer.append(UInt8(ascii: "]"))
    }

    /// Appends `{"name":value,...}`; there is a name for each column.
    package static func appendObject(_ columns: [TextColumn], names: [String], row: Int, to buffer: ByteBuffer) {
        buffer.append(UInt8(ascii: "{"))
        for index in columns.indices {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            append(string: names[index], to: buffer)
            buffer.append(UInt8(ascii: ":"))
            append(columns[index], row: row, to: buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    package static func append(string: String, to buffer: ByteBuffer) {
        var string = string
        string.withUTF8 { append(string: UnsafeRawBufferPointer($0), to: buffer) }
    }

    /// Appends UTF-8 text in quotes, with quotes, backslashes and control characters escaped.
    package static func append(string bytes: UnsafeRawBufferPointer, to buffer: ByteBuffer) {
        buffer.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                buffer.append(UInt8(ascii: "\\"))
                buffer.append(byte)
            case UInt8(ascii: "\n"): buffer.append("\\n")
            case UInt8(ascii: "\r"): buffer.append("\\r")
            case UInt8(ascii: "\t"): buffer.append("\\t")
            case 0..<32:
                buffer.append(byte < 16 ? "\\u000" : "\\u001")
                let digit = byte & 15
                buffer.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            default: buffer.append(byte)
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }

    private static func append(_ value: Double, _ column: TextColumn, _ row: Int, to buffer: ByteBuffer) {
        if value.isNaN { return buffer.append("\"NaN\"") }
        if value.isInfinite { return value < 0 ? buffer.append("\"-Infinity\"") : buffer.append("\"Infinity\"") }
        column.append(row, to: buffer)
    }

    /// JSON wants a digit before the point.
    private static func appendDecimal(_ column: TextColumn, _ row: Int, to buffer: ByteBuffer) {
        let scratch = ByteBuffer()
        column.append(row, to: scratch)
        var rest = scratch.bytes
        if rest.first == UInt8(ascii: "-") {
            buffer.append(UInt8(ascii: "-"))
            rest = UnsafeRawBufferPointer(rebasing: rest[1...])
        }
        if rest.first == UInt8(ascii: ".") { buffer.append(UInt8(ascii: "0")) }
        buffer.append(rest)
    }
}
