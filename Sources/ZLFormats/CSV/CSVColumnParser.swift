import ZLColumnar

/// Turns one field of each row of a table into a column of a type.
struct CSVColumnParser {
    let column: FileColumn
    let nullTexts: [[UInt8]]
    let tokenizer: CSVTokenizer

    /// A text that is no value of the column's type.
    struct Failure: Error {
        var row: Int
    }

    /// A column's fields of some rows.
    struct Input {
        let fields: UnsafePointer<CSVField>
        let stride: Int
        let rows: Int
        let base: UnsafePointer<UInt8>
    }

    /// `fields` is the column's field of the first row; further rows follow at the tokenizer's stride.
    func parse(_ fields: UnsafePointer<CSVField>, rows: Int, in base: UnsafePointer<UInt8>) throws(Failure) -> ColumnVector {
        let input = Input(fields: fields, stride: tokenizer.columnCount, rows: rows, base: base)
        let plain = PlainField()
        var times = PlainTimestamps()
        switch column.type {
        case .varchar: return texts(input)
        case .bigint:
            return try values(input, Int64.self) {
                plain.integer($0, $1) ?? TextParser.int64(UnsafeRawBufferPointer(start: $0, count: $1))
            }
        case .double:
            return try values(input, Double.self) {
                plain.decimal($0, $1)?.value ?? TextParser.double(UnsafeRawBufferPointer(start: $0, count: $1))
            }
        case .date: return try values(input, Int32.self) { TextParser.date(UnsafeRawBufferPointer(start: $0, count: $1)) }
        case .time: return try values(input, Int64.self) { TextParser.time(UnsafeRawBufferPointer(start: $0, count: $1)) }
        case .timestamp:
            return try values(input, Int64.self) {
                times.parts($0, $1)?.ticks(perSecond: 1_000_000)
                    ?? TextParser.timestamp(UnsafeRawBufferPointer(start: $0, count: $1))
            }
        case .timestampNS:
            return try values(input, Int64.self) {
                times.parts($0, $1)?.ticks(perSecond: 1_000_000_000)
                    ?? TextParser.timestampNSInUTC(UnsafeRawBufferPointer(start: $0, count: $1))
            }
        case .timestampTZ:
            return try values(input, Int64.self) {
                times.parts($0, $1)?.ticks(perSecond: 1_000_000)
                    ?? TextParser.timestampTZ(UnsafeRawBufferPointer(start: $0, count: $1))
            }
        default: return try anyValues(input)
        }
    }

    /// Columns of a fixed-size type. Every field is parsed by a function known here, so the loop is compiled for it.
    @inline(__always)
    private func values<T: BitwiseCopyable>(
        _ input: Input, _ element: T.Type, _ parse: (UnsafePointer<UInt8>, Int) -> T?
    ) throws(Failure) -> ColumnVector {
        let buffer = Buffer(byteCount: input.rows * MemoryLayout<T>.stride)
        let target = buffer.values(T.self)
        var nulls = CSVNulls(count: input.rows)
        for row in 0..<input.rows {
            let field = input.fields[row &* input.stride]
            let length = field.length
            if length > 0, let value = parse(input.base + Int(field.start), length) {
                target[row] = value
                continue
            }
            guard length == 0 || isNullText(field.bytes(in: input.base)) else { throw Failure(row: row) }
            nulls.set(row)
            buffer.address.storeBytes(of: 0, toByteOffset: row * MemoryLayout<T>.stride, as: UInt32.self)
        }
        return ColumnVector(type: column.type, count: input.rows, buffer: buffer, validity: nulls.bitmap)
    }

    private func anyValues(_ input: Input) throws(Failure) -> ColumnVector {
        let builder = ColumnBuilder(type: column.type, capacity: input.rows)
        for row in 0..<input.rows {
            let field = input.fields[row * input.stride]
            let bytes = field.bytes(in: input.base)
            if field.length > 0, !isNullText(bytes) {
                guard TextParser.append(bytes, to: builder) else { throw Failure(row: row) }
            } else {
                builder.appendNull()
            }
        }
        return builder.finish()
    }

    private func texts(_ input: Input) -> ColumnVector {
        let buffer = Buffer(byteCount: input.rows * MemoryLayout<StringView>.stride)
        let target = buffer.values(StringView.self)
        let heap = StringHeap()
        var nulls = CSVNulls(count: input.rows)
        var scratch: ByteBuffer?
        let emptyIsNull = nullTexts.contains { $0.isEmpty }
        let hasNullTexts = nullTexts.contains { !$0.isEmpty }
        for row in 0..<input.rows {
            let field = input.fields[row &* input.stride]
            var bytes = field.bytes(in: input.base)
            if !field.isQuoted, field.length == 0 ? emptyIsNull : hasNullTexts && isNullText(bytes) {
                nulls.set(row)
                target[row] = StringView()
                continue
            }
            if field.isEscaped {
                let made = scratch ?? ByteBuffer()
                scratch = made
                bytes = tokenizer.unescaped(field, in: input.base, into: made)
            }
            target[row] = bytes.count <= StringView.inlineCapacity ? StringView(bytes) : heap.view(copying: bytes)
        }
        return ColumnVector(type: .varchar, count: input.rows, buffer: buffer, validity: nulls.bitmap, heaps: [heap])
    }

    func isNullText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for text in nullTexts where text.count == bytes.count && bytes.elementsEqual(text) { return true }
        return false
    }
}

/// The rows of a column without value; no bitmap while there are none.
struct CSVNulls {
    let count: Int
    private(set) var bitmap: ValidityBitmap?

    init(count: Int) { self.count = count }

    mutating func set(_ row: Int) {
        let made = bitmap ?? ValidityBitmap(count: count, allValid: true)
        made.setNull(row)
        bitmap = made
    }
}
