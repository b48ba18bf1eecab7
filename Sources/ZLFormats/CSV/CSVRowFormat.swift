import CKernels
import ZLColumnar

/// Turns chunks into CSV lines that end in `\n`, with DuckDB's rules for quotes. Chunks may be formatted on several threads.
///
/// A text is quoted if it holds the delimiter, a quote or a line end, begins with `#`, or would read as NULL. Doubles are
/// written in their shortest form, so they read back bit for bit.
package struct CSVRowFormat: Sendable {
    private let options: CSVWriterOptions
    private let nullText: [UInt8]
    /// Bytes that force quotes, by byte value.
    private let special: [Bool]
    private let isForced: [Bool]
    /// Whether values of a column may hold special bytes at all.
    private let isChecked: [Bool]
    private let names: [String]

    /// Delimiters that no number, date or interval is written with.
    private static let harmlessDelimiters: [UInt8] = [
        UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "\t"),
    ]
    private static let harmlessQuotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'")]
    /// Rows that are turned into text at a time: their slots stay in the cache.
    private static let blockRows = 32
    /// Slots from a row of a column to that of the next column. With a power of two those of one row would be at the same place of the cache.
    private static let slotStride = blockRows + 1

    package init(columns: [FileColumn], options: CSVWriterOptions = CSVWriterOptions()) {
        self.options = options
        names = columns.map(\.name)
        nullText = Array(options.nullText.utf8)
        var special = [Bool](repeating: false, count: 256)
        for byte in [options.delimiter, options.quote, CSVDialect.newline, CSVDialect.carriageReturn] { special[Int(byte)] = true }
        self.special = special
        isForced = columns.indices.map { index in
            switch options.forcedQuotes {
            case .none: false
            case .all: true
            case .columns(let forced): forced.contains(index)
            }
        }
        let isHarmless = CSVRowFormat.harmlessDelimiters.contains(options.delimiter)
            && CSVRowFormat.harmlessQuotes.contains(options.quote) && nullText.isEmpty
        isChecked = columns.map { $0.type == .varchar || $0.type == .blob || !isHarmless }
    }

    /// Appends the line of names.
    func appendHeader(to buffer: ByteBuffer) {
        for (index, name) in names.enumerated() {
            if index > 0 { buffer.append(options.delimiter) }
            let start = buffer.count
            buffer.append(text: name)
            quote(buffer, from: start, isForced: isForced[index], isChecked: true)
        }
        buffer.append(CSVDialect.newline)
    }

    /// Appends the rows of a chunk whose columns are those of the format.
    ///
    /// - Complexity: O(bytes).
    package func append(_ chunk: DataChunk, to buffer: ByteBuffer) {
        let columns = chunk.columns.map { TextColumn($0) }
        let rows = columns.map { $0.rows }
        let usesSlots = rows.indices.map { rows[$0].fitsSlots && !isForced[$0] && !isChecked[$0] }
        let slotCount = usesSlots.count(where: { $0 })
        withExtendedLifetime(columns) {
            if slotCount == 0 {
                rows.withUnsafeBufferPointer { appendRows($0, chunk.rowCount, buffer) }
            } else {
                appendSlots(rows, usesSlots, slotCount, chunk.rowCount, buffer)
            }
        }
    }

    /// Row by row and value by value, for any options.
    func appendRows(_ texts: UnsafeBufferPointer<TextRows>, _ rows: Int, _ buffer: ByteBuffer) {
        for row in 0..<rows {
            for index in texts.indices {
                if index > 0 { buffer.append(options.delimiter) }
                appendValue(texts[index], row, index, buffer)
            }
            buffer.append(CSVDialect.newline)
        }
    }

    private func appendValue(_ texts: TextRows, _ row: Int, _ index: Int, _ buffer: ByteBuffer) {
        if texts.isNull(row) {
            if !nullText.isEmpty { nullText.withUnsafeBytes { buffer.append($0) } }
            return
        }
        let start = buffer.count
        texts.append(row, to: buffer)
        if isForced[index] || isChecked[index] {
            quote(buffer, from: start, isForced: isForced[index], isChecked: isChecked[index])
        }
    }

    /// Columns of numbers and times are written to slots a block of rows at a time, then the slots are put together to lines.
    private func appendSlots(
        _ texts: [TextRows], _ usesSlots: [Bool], _ slotColumns: Int, _ rows: Int, _ buffer: ByteBuffer
    ) {
        let blockRows = CSVRowFormat.blockRows
        let slotStride = CSVRowFormat.slotStride
        let slotSize = TextRows.slotSize
        let slots = UnsafeMutablePointer<UInt8>.allocate(capacity: slotColumns * slotStride * slotSize)
        let lengths = UnsafeMutablePointer<UInt8>.allocate(capacity: slotColumns * slotStride)
        defer {
            slots.deallocate()
            lengths.deallocate()
        }
        let delimiter = options.delimiter
        let runs = CSVRowFormat.runs(usesSlots)
        // why: NULL is an empty text where slots are used, so only these bytes and an empty text ask for quotes.
        let isPlainText = texts.indices.map { texts[$0].type == .varchar && !isForced[$0] }
        let special = [delimiter, options.quote, CSVDialect.newline, CSVDialect.carriageReturn].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        for first in stride(from: 0, to: rows, by: blockRows) {
            let range = first..<min(rows, first + blockRows)
            var next = 0
            for column in texts.indices where usesSlots[column] {
                texts[column].write(range, slots: slots + next * slotStride * slotSize, lengths: lengths + next * slotStride)
                next += 1
            }
            for row in 0..<range.count {
                var place = buffer.reserve(texts.count * (slotSize + 1))
                var start = place
                for run in runs {
                    if run.usesSlots {
                        let slot = run.firstSlot &* slotStride &+ row
                        place = zl_join_slots(slots + slot &* slotSize, lengths + slot, slotStride, run.columns.count, delimiter, place)
                        continue
                    }
                    for column in run.columns {
                        if isPlainText[column], let end = texts[column].copyPlainText(first + row, unlike: special, to: place) {
                            place = end
                        } else {
                            buffer.advance(place - start)
                            appendValue(texts[column], first + row, column, buffer)
                            place = buffer.reserve(texts.count * (slotSize + 1))
                            start = place
                        }
                        place[0] = delimiter
                        place += 1
                    }
                }
                place[-1] = CSVDialect.newline
                buffer.advance(place - start)
            }
        }
    }

    /// Neighbouring columns that all use slots, or none of which does.
    private struct Run {
        var columns: Range<Int>
        var usesSlots: Bool
        var firstSlot: Int
    }

    private static func runs(_ usesSlots: [Bool]) -> [Run] {
        var runs: [Run] = []
        var slot = 0
        for (column, uses) in usesSlots.enumerated() {
            if let last = runs.last, last.usesSlots == uses {
                runs[runs.count - 1].columns = last.columns.lowerBound..<column + 1
            } else {
                runs.append(Run(columns: column..<column + 1, usesSlots: uses, firstSlot: slot))
            }
            if uses { slot += 1 }
        }
        return runs
    }

    /// Puts quotes around what was written from `start` on, if it needs them.
    private func quote(_ buffer: ByteBuffer, from start: Int, isForced: Bool, isChecked: Bool) {
        let count = buffer.count - start
        guard isForced || (isChecked && needsQuotes(buffer.address + start, count)) else { return }
        let text = Array(UnsafeBufferPointer(start: buffer.address + start, count: count))
        let escape = options.escape ?? options.quote
        buffer.truncate(to: start)
        buffer.append(options.quote)
        for byte in text {
            if byte == options.quote || byte == escape { buffer.append(escape) }
            buffer.append(byte)
        }
        buffer.append(options.quote)
    }

    private func needsQuotes(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if count == nullText.count, (0..<count).allSatisfy({ bytes[$0] == nullText[$0] }) { return true }
        guard count > 0 else { return false }
        if bytes[0] == UInt8(ascii: "#") { return true }
        return special.withUnsafeBufferPointer { special in
            for index in 0..<count where special[Int(bytes[index])] { return true }
            return false
        }
    }
}
