import CKernels
import ZLColumnar

/// How a column is read: under a guess of what it is, or as a type that is stated.
struct CSVGuessedColumn {
    /// nil: the type is stated, texts are not classified.
    let guess: CSVColumnClass?
    let parser: CSVColumnParser
    /// Those of the block, for texts.
    let codes: CSVTextCodes?

    init(guess: CSVColumnClass?, parser: CSVColumnParser) {
        self.guess = guess
        self.parser = parser
        codes = parser.column.type == .varchar ? CSVTextCodes() : nil
    }

    var type: DataType { parser.column.type }
    /// Whether the values may go to memory that is given.
    var takesTarget: Bool {
        switch type {
        case .bigint, .double, .date, .time, .timestamp, .timestampNS, .timestampTZ: true
        default: false
        }
    }
}

/// Reads a column of a chunk, some rows at a time, and notes what its texts really are.
struct CSVChunkColumn {
    private let column: CSVGuessedColumn
    private let input: CSVColumnParser.Input
    /// Of the block in its file.
    private let offset: Int
    /// Where values of a fixed size go.
    private let target: CSVTarget?
    // why: what stands behind a reference is retained whenever it is used
    private let memory: UnsafeMutableRawPointer?
    /// Codes of texts, while the block's have numbers.
    private var codes: Buffer?
    private var codedRows = 0
    private var nulls: CSVNulls
    /// The guess holds so far.
    private var isRead: Bool
    /// Rows that are in the history, from the first on.
    private(set) var classified = 0

    /// - Parameter target: memory for the values, where the column takes some.
    init(_ column: CSVGuessedColumn, _ input: CSVColumnParser.Input, offset: Int, into target: CSVTarget?, isRead: Bool) {
        self.column = column
        self.input = input
        self.offset = offset
        self.isRead = isRead
        nulls = CSVNulls(count: input.rows)
        guard isRead, column.guess != nil, CSVChunkColumn.readsInParts(column.type) else {
            self.target = target
            memory = nil
            codes = isRead && column.codes?.areGivenUp == false ? Buffer(byteCount: input.rows * 4) : nil
            return
        }
        let target = target ?? CSVTarget(byteCount: input.rows * column.type.physical.stride)
        self.target = target
        memory = UnsafeMutableRawPointer(target.values(UInt8.self))
    }

    private static func readsInParts(_ type: DataType) -> Bool {
        switch type {
        case .bigint, .double, .timestamp, .timestampNS, .timestampTZ: true
        default: false
        }
    }

    /// Reads the rows before `end` that are not read yet. What does not wait for `finish` is in `history` then, also where the guess does
    /// not hold.
    mutating func read(upTo end: Int, _ history: inout CSVColumnHistory) {
        if codes != nil { return readCodes(upTo: end) }
        guard isRead, let memory, let guess = column.guess else { return }
        let stride = column.type.physical.stride
        // why: columns take turns, and the processor has forgotten where this one's next values go
        for byte in Swift.stride(from: end * stride, to: min(input.rows, 2 * end - classified) * stride, by: 64) { zl_prefetch_write(memory + byte) }
        let plain = PlainField()
        let input = input.prefix(end)
        switch column.type {
        case .bigint:
            let target = memory.assumingMemoryBound(to: Int64.self)
            read(input, target, guess, &history, { TextParser.int64($0) }) { row, current in
                current.kind == .bigint ? plain.integers(input, from: row, to: target) : row
            }
        case .double:
            let target = memory.assumingMemoryBound(to: Double.self)
            read(input, target, guess, &history, { TextParser.double($0) }) { row, current in
                guard current.kind == .double || current.kind == .bigint else { return row }
                return plain.decimals(input, from: row, allowsPoint: current.kind == .double, to: target)
            }
        case .timestamp: times(input, memory, guess, &history, perSecond: 1_000_000) { TextParser.timestamp($0) }
        case .timestampTZ: times(input, memory, guess, &history, perSecond: 1_000_000) { TextParser.timestampTZ($0) }
        default: times(input, memory, guess, &history, perSecond: 1_000_000_000) { TextParser.timestampNSInUTC($0) }
        }
    }

    private mutating func readCodes(upTo end: Int) {
        guard let buffer = codes, let numbers = column.codes else { return }
        if !numbers.read(input.prefix(end), from: codedRows, column.parser, to: buffer.values(UInt32.self), &nulls) { codes = nil }
        codedRows = end
    }

    /// The values of all rows; nil where the guess does not hold.
    mutating func finish() -> ColumnVector? {
        guard isRead else { return nil }
        if memory != nil, let target {
            return ColumnVector(
                type: column.type, count: input.rows, buffer: target.buffer, byteOffset: target.byteOffset, validity: nulls.bitmap)
        }
        if column.guess == nil { classified = input.rows }
        if let codes, let vector = column.codes?.column(codes, count: input.rows, validity: nulls.bitmap) { return vector }
        return try? column.parser.parse(input, into: target)
    }

    @inline(__always)
    private mutating func times(
        _ input: CSVColumnParser.Input, _ memory: UnsafeMutableRawPointer, _ guess: CSVColumnClass, _ history: inout CSVColumnHistory, perSecond: Int,
        _ parse: (UnsafeRawBufferPointer) -> Int64?
    ) {
        var times = PlainTimestamps()
        let target = memory.assumingMemoryBound(to: Int64.self)
        read(input, target, guess, &history, parse) { row, current in
            guard current.kind == .timestamp else { return row }
            for index in row..<input.rows {
                let field = input.fields[index &* input.stride]
                if index > row, field.hasText(of: input.fields[(index &- 1) &* input.stride], in: input.base) {
                    target[index] = target[index &- 1]
                    continue
                }
                guard let parts = times.parts(input.base + Int(field.start), field.length), parts.hasZ == current.hasZone,
                    parts.fractionDigits <= 6 || current.hasNanoseconds, let ticks = parts.ticks(perSecond: perSecond)
                else { return index }
                target[index] = ticks
            }
            return input.rows
        }
    }

    /// `plain` reads rows from one on, up to a text that it cannot read or that might change the class; `parse` reads any text of the type.
    @inline(__always)
    private mutating func read<T: BitwiseCopyable>(
        _ input: CSVColumnParser.Input, _ target: UnsafeMutablePointer<T>, _ guess: CSVColumnClass, _ history: inout CSVColumnHistory,
        _ parse: (UnsafeRawBufferPointer) -> T?, _ plain: (Int, CSVColumnClass) -> Int
    ) {
        var current = history.current
        var row = plain(classified, current)
        while row < input.rows {
            let field = input.fields[row &* input.stride]
            let bytes = field.bytes(in: input.base)
            let isNull = field.length == 0 || column.parser.isNullText(bytes)
            if !isNull, !current.surelyHolds(bytes) {
                history.note(bytes, offset: offset + Int(field.start))
                current = history.current
                isRead = guess.joined(current).type == column.type
            }
            if isRead, field.length > 0, let value = parse(bytes) {
                target[row] = value
            } else if isRead, isNull {
                nulls.set(row)
                UnsafeMutableRawPointer(target + row).storeBytes(of: 0, as: UInt32.self)
            } else {
                isRead = false
                classified = row + 1
                return
            }
            row = plain(row + 1, current)
        }
        classified = input.rows
    }
}
