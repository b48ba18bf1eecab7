import ZLColumnar

/// Reads a column under a guess of what it is, and notes what its texts really are at the same time.
struct CSVGuessedColumn {
    /// nil: the type is stated, texts are not classified.
    let guess: CSVColumnClass?
    let parser: CSVColumnParser

    var type: DataType { parser.column.type }
    /// Whether `read` may be given memory for the values.
    var takesTarget: Bool {
        switch type {
        case .bigint, .double, .date, .time, .timestamp, .timestampNS, .timestampTZ: true
        default: false
        }
    }

    /// The values of some rows, in `target` where one is given and they are of a fixed size; nil where the guess does not hold. Either way the first `classified` rows are in `history`.
    func read(
        _ fields: UnsafePointer<CSVField>, _ rows: Int, _ base: UnsafePointer<UInt8>, offset: Int, into target: CSVTarget?,
        _ history: inout CSVColumnHistory
    ) -> (vector: ColumnVector?, classified: Int) {
        guard let guess else { return (try? parser.parse(fields, rows: rows, in: base, into: target), rows) }
        let input = CSVColumnParser.Input(
            fields: fields, stride: parser.tokenizer.columnCount, rows: rows, base: base, target: target)
        let plain = PlainField()
        switch type {
        case .bigint:
            let place = input.target(stride: MemoryLayout<Int64>.stride)
            return read(input, place, guess, offset, &history, { TextParser.int64($0) }) { row, current in
                current.kind == .bigint ? plain.integers(input, from: row, to: place.values(Int64.self)) : row
            }
        case .double:
            let place = input.target(stride: MemoryLayout<Double>.stride)
            return read(input, place, guess, offset, &history, { TextParser.double($0) }) { row, current in
                guard current.kind == .double || current.kind == .bigint else { return row }
                return plain.decimals(input, from: row, allowsPoint: current.kind == .double, to: place.values(Double.self))
            }
        case .timestamp: return times(input, guess, offset, &history, perSecond: 1_000_000) { TextParser.timestamp($0) }
        case .timestampTZ: return times(input, guess, offset, &history, perSecond: 1_000_000) { TextParser.timestampTZ($0) }
        case .timestampNS:
            return times(input, guess, offset, &history, perSecond: 1_000_000_000) { TextParser.timestampNSInUTC($0) }
        default: return (try? parser.parse(fields, rows: rows, in: base, into: target), 0)
        }
    }

    @inline(__always)
    private func times(
        _ input: CSVColumnParser.Input, _ guess: CSVColumnClass, _ offset: Int, _ history: inout CSVColumnHistory, perSecond: Int,
        _ parse: (UnsafeRawBufferPointer) -> Int64?
    ) -> (vector: ColumnVector?, classified: Int) {
        var times = PlainTimestamps()
        let place = input.target(stride: MemoryLayout<Int64>.stride)
        let target = place.values(Int64.self)
        return read(input, place, guess, offset, &history, parse) { row, current in
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
    private func read<T: BitwiseCopyable>(
        _ input: CSVColumnParser.Input, _ place: CSVTarget, _ guess: CSVColumnClass, _ offset: Int, _ history: inout CSVColumnHistory,
        _ parse: (UnsafeRawBufferPointer) -> T?, _ plain: (Int, CSVColumnClass) -> Int
    ) -> (vector: ColumnVector?, classified: Int) {
        let target = place.values(T.self)
        var nulls = CSVNulls(count: input.rows)
        var current = history.current
        var row = plain(0, current)
        while row < input.rows {
            let field = input.fields[row &* input.stride]
            let bytes = field.bytes(in: input.base)
            let isNull = field.length == 0 || parser.isNullText(bytes)
            if !isNull, !current.surelyHolds(bytes) {
                history.note(bytes, offset: offset + Int(field.start))
                current = history.current
                guard guess.joined(current).type == type else { return (nil, row + 1) }
            }
            if field.length > 0, let value = parse(bytes) {
                target[row] = value
            } else if isNull {
                nulls.set(row)
                UnsafeMutableRawPointer(target + row).storeBytes(of: 0, as: UInt32.self)
            } else {
                return (nil, row + 1)
            }
            row = plain(row + 1, current)
        }
        let vector = ColumnVector(
            type: type, count: input.rows, buffer: place.buffer, byteOffset: place.byteOffset, validity: nulls.bitmap)
        return (vector, input.rows)
    }
}
