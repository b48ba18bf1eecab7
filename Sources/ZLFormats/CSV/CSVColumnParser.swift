import CKernels
import ZLColumnar

/// Turns one field of each row of a table into a column of a type.
struct CSVColumnParser {
    let column: FileColumn
    let tokenizer: CSVTokenizer
    private let nullTexts: [[UInt8]]
    private let emptyIsNull: Bool
    private let hasNullTexts: Bool

    init(column: FileColumn, nullTexts: [[UInt8]], tokenizer: CSVTokenizer) {
        self.column = column
        self.nullTexts = nullTexts
        self.tokenizer = tokenizer
        emptyIsNull = nullTexts.contains { $0.isEmpty }
        hasNullTexts = nullTexts.contains { !$0.isEmpty }
    }

    /// A text that is no value of the column's type.
    struct Failure: Error {
        var row: Int
    }

    /// A column's fields of some rows: `fields` is that of the first, further ones follow at a stride.
    struct Input {
        let fields: UnsafePointer<CSVField>
        let stride: Int
        let rows: Int
        let base: UnsafePointer<UInt8>

        /// The fields as C sees them.
        var cFields: UnsafePointer<zl_field> { UnsafeRawPointer(fields).assumingMemoryBound(to: zl_field.self) }

        /// The first rows.
        func prefix(_ rows: Int) -> Input { Input(fields: fields, stride: stride, rows: rows, base: base) }
    }

    /// `fields` is the column's field of the first row; further rows follow at the tokenizer's stride.
    func parse(_ fields: UnsafePointer<CSVField>, rows: Int, in base: UnsafePointer<UInt8>) throws(Failure) -> ColumnVector {
        try parse(Input(fields: fields, stride: tokenizer.columnCount, rows: rows, base: base))
    }

    /// Values of a fixed size go to `target`, where one is given.
    func parse(_ input: Input, into target: CSVTarget? = nil) throws(Failure) -> ColumnVector {
        let plain = PlainField()
        switch column.type {
        case .varchar: return texts(input)
        case .bigint:
            return try values(input, target, { TextParser.int64($0) }) { plain.integers(input, from: $0, to: $1) }
        case .double:
            return try values(input, target, { TextParser.double($0) }) { plain.decimals(input, from: $0, allowsPoint: true, to: $1) }
        case .date: return try values(input, target, { TextParser.date($0) }) { row, _ in row }
        case .time: return try values(input, target, { TextParser.time($0) }) { row, _ in row }
        case .timestamp: return try times(input, target, perSecond: 1_000_000) { TextParser.timestamp($0) }
        case .timestampNS: return try times(input, target, perSecond: 1_000_000_000) { TextParser.timestampNSInUTC($0) }
        case .timestampTZ: return try times(input, target, perSecond: 1_000_000) { TextParser.timestampTZ($0) }
        default: return try anyValues(input)
        }
    }

    @inline(__always)
    private func times(
        _ input: Input, _ target: CSVTarget?, perSecond: Int, _ parse: (UnsafeRawBufferPointer) -> Int64?
    ) throws(Failure) -> ColumnVector {
        var times = PlainTimestamps()
        return try values(input, target, parse) { row, target in
            for index in row..<input.rows {
                let field = input.fields[index &* input.stride]
                if index > row, field.hasText(of: input.fields[(index &- 1) &* input.stride], in: input.base) {
                    target[index] = target[index &- 1]
                    continue
                }
                guard let ticks = times.parts(input.base + Int(field.start), field.length)?.ticks(perSecond: perSecond) else { return index }
                target[index] = ticks
            }
            return input.rows
        }
    }

    /// Columns of a fixed-size type. `plain` reads rows from one on up to a text that is not plain, `parse` reads any text of the type.
    @inline(__always)
    private func values<T: BitwiseCopyable>(
        _ input: Input, _ target: CSVTarget?, _ parse: (UnsafeRawBufferPointer) -> T?, _ plain: (Int, UnsafeMutablePointer<T>) -> Int
    ) throws(Failure) -> ColumnVector {
        let place = target ?? CSVTarget(byteCount: input.rows * MemoryLayout<T>.stride)
        let target = place.values(T.self)
        var nulls = CSVNulls(count: input.rows)
        var row = plain(0, target)
        while row < input.rows {
            let field = input.fields[row &* input.stride]
            let bytes = field.bytes(in: input.base)
            if field.length > 0, let value = parse(bytes) {
                target[row] = value
            } else {
                guard field.length == 0 || isNullText(bytes) else { throw Failure(row: row) }
                nulls.set(row)
                UnsafeMutableRawPointer(target + row).storeBytes(of: 0, as: UInt32.self)
            }
            row = plain(row + 1, target)
        }
        return ColumnVector(
            type: column.type, count: input.rows, buffer: place.buffer, byteOffset: place.byteOffset, validity: nulls.bitmap)
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
        for row in 0..<input.rows {
            let field = input.fields[row &* input.stride]
            var bytes = field.bytes(in: input.base)
            if isNull(field, bytes) {
                nulls.set(row)
                target[row] = StringView()
                continue
            }
            if field.isEscaped {
                let made = scratch ?? ByteBuffer()
                scratch = made
                bytes = tokenizer.unescaped(field, in: input.base, into: made)
                target[row] = bytes.count <= StringView.inlineCapacity ? StringView(bytes) : heap.view(copying: bytes)
            } else if let short = StringView(short: input.base + Int(field.start), count: field.length) {
                target[row] = short
            } else {
                target[row] = heap.view(copying: bytes)
            }
        }
        return ColumnVector(type: .varchar, count: input.rows, buffer: buffer, validity: nulls.bitmap, heaps: [heap])
    }

    /// Whether a field of a text column stands for no value; what is quoted is a text.
    @inline(__always)
    func isNull(_ field: CSVField, _ bytes: UnsafeRawBufferPointer) -> Bool {
        !field.isQuoted && (field.length == 0 ? emptyIsNull : hasNullTexts && isNullText(bytes))
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
