import ZLColumnar

/// Reads a column under a guess of what it is, and notes what its texts really are at the same time.
struct CSVGuessedColumn {
    /// nil: the type is stated, texts are not classified.
    let guess: CSVColumnClass?
    let parser: CSVColumnParser

    var type: DataType { parser.column.type }

    /// The values of some rows; nil where the guess does not hold. Either way the first `classified` rows are in `history`.
    func read(
        _ fields: UnsafePointer<CSVField>, _ rows: Int, _ base: UnsafePointer<UInt8>, offset: Int, _ history: inout CSVColumnHistory
    ) -> (vector: ColumnVector?, classified: Int) {
        guard let guess else { return (try? parser.parse(fields, rows: rows, in: base), rows) }
        let input = CSVColumnParser.Input(fields: fields, stride: parser.tokenizer.columnCount, rows: rows, base: base)
        let plain = PlainField()
        switch type {
        case .bigint:
            return read(input, guess, offset, &history, { TextParser.int64($0) }) { place, length, current in
                current.kind == .bigint ? plain.integer(place, length) : nil
            }
        case .double:
            return read(input, guess, offset, &history, { TextParser.double($0) }) { place, length, current in
                guard let number = plain.decimal(place, length) else { return nil }
                return current.kind == .double || (current.kind == .bigint && !number.hasPoint) ? number.value : nil
            }
        case .timestamp: return times(input, guess, offset, &history, perSecond: 1_000_000) { TextParser.timestamp($0) }
        case .timestampTZ: return times(input, guess, offset, &history, perSecond: 1_000_000) { TextParser.timestampTZ($0) }
        case .timestampNS:
            return times(input, guess, offset, &history, perSecond: 1_000_000_000) { TextParser.timestampNSInUTC($0) }
        default: return (try? parser.parse(fields, rows: rows, in: base), 0)
        }
    }

    @inline(__always)
    private func times(
        _ input: CSVColumnParser.Input, _ guess: CSVColumnClass, _ offset: Int, _ history: inout CSVColumnHistory, perSecond: Int,
        _ parse: (UnsafeRawBufferPointer) -> Int64?
    ) -> (vector: ColumnVector?, classified: Int) {
        var times = PlainTimestamps()
        return read(input, guess, offset, &history, parse) { place, length, current in
            guard let parts = times.parts(place, length), current.kind == .timestamp, parts.hasZ == current.hasZone,
                parts.fractionDigits <= 6 || current.hasNanoseconds
            else { return nil }
            return parts.ticks(perSecond: perSecond)
        }
    }

    /// `plain` reads a text that leaves the class as it is, `parse` any text of the type.
    @inline(__always)
    private func read<T: BitwiseCopyable>(
        _ input: CSVColumnParser.Input, _ guess: CSVColumnClass, _ offset: Int, _ history: inout CSVColumnHistory,
        _ parse: (UnsafeRawBufferPointer) -> T?, _ plain: (UnsafePointer<UInt8>, Int, CSVColumnClass) -> T?
    ) -> (vector: ColumnVector?, classified: Int) {
        let buffer = Buffer(byteCount: input.rows * MemoryLayout<T>.stride)
        let target = buffer.values(T.self)
        var nulls = CSVNulls(count: input.rows)
        var current = history.current
        for row in 0..<input.rows {
            let field = input.fields[row &* input.stride]
            let length = field.length
            if length > 0, let value = plain(input.base + Int(field.start), length, current) {
                target[row] = value
                continue
            }
            let bytes = field.bytes(in: input.base)
            let isNull = length == 0 || parser.isNullText(bytes)
            if !isNull, !current.surelyHolds(bytes) {
                history.note(bytes, offset: offset + Int(field.start))
                current = history.current
                guard guess.joined(current).type == type else { return (nil, row + 1) }
            }
            if length > 0, let value = parse(bytes) {
                target[row] = value
            } else if isNull {
                nulls.set(row)
                buffer.address.storeBytes(of: 0, toByteOffset: row * MemoryLayout<T>.stride, as: UInt32.self)
            } else {
                return (nil, row + 1)
            }
        }
        return (ColumnVector(type: type, count: input.rows, buffer: buffer, validity: nulls.bitmap), input.rows)
    }
}
