import ZLColumnar

/// How CSV is written.
package struct CSVWriterOptions: Hashable, Sendable {
    package enum ForcedQuotes: Hashable, Sendable {
        case none, all
        case columns(Set<Int>)
    }

    package var hasHeader = true
    package var delimiter = UInt8(ascii: ",")
    package var quote = UInt8(ascii: "\"")
    /// Stands before a quote inside quotes; nil: the quote itself.
    package var escape: UInt8?
    package var nullText = ""
    /// Columns whose values are quoted whether they need it or not; NULL never is.
    package var forcedQuotes = ForcedQuotes.none

    package init() {}
}

/// Writes chunks as CSV lines that end in `\n`, with DuckDB's rules for quotes.
///
/// A text is quoted if it holds the delimiter, a quote or a line end, begins with `#`, or would read as NULL. Doubles are
/// written in their shortest form, so they read back bit for bit.
package final class CSVWriter {
    private let columns: [FileColumn]
    private let options: CSVWriterOptions
    private let output: OutputFile
    private let buffer = ByteBuffer(capacity: flushSize + 4096)
    private let nullText: [UInt8]
    /// Bytes that force quotes, by byte value.
    private let special: [Bool]
    private let isForced: [Bool]
    /// Whether values of a column may hold special bytes at all.
    private let isChecked: [Bool]
    package private(set) var rowCount = 0

    private static let flushSize = 1 << 18
    /// Delimiters that no number, date or interval is written with.
    private static let harmlessDelimiters: [UInt8] = [
        UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "\t"),
    ]
    private static let harmlessQuotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'")]

    /// Writes the header, if there is to be one.
    package init(columns: [FileColumn], options: CSVWriterOptions = CSVWriterOptions(), output: OutputFile) throws(ZLError) {
        self.columns = columns
        self.options = options
        self.output = output
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
        let isHarmless = CSVWriter.harmlessDelimiters.contains(options.delimiter) && CSVWriter.harmlessQuotes.contains(options.quote)
            && nullText.isEmpty
        isChecked = columns.map { $0.type == .varchar || $0.type == .blob || !isHarmless }
        if options.hasHeader { try writeHeader() }
    }

    private func writeHeader() throws(ZLError) {
        for (index, column) in columns.enumerated() {
            if index > 0 { buffer.append(options.delimiter) }
            let start = buffer.count
            buffer.append(text: column.name)
            quote(from: start, isForced: isForced[index], isChecked: true)
        }
        buffer.append(CSVDialect.newline)
        try flush(always: false)
    }

    /// Appends the rows of a chunk whose columns are those of the writer.
    package func write(_ chunk: DataChunk) throws(ZLError) {
        let columns = chunk.columns.map { TextColumn($0) }
        let flushed = withExtendedLifetime(columns) {
            columns.map { $0.rows }.withUnsafeBufferPointer { appendRows($0, chunk.rowCount) }
        }
        if let error = flushed { throw error }
        rowCount += chunk.rowCount
    }

    /// The error that writing met, if any.
    private func appendRows(_ texts: UnsafeBufferPointer<TextRows>, _ rows: Int) -> ZLError? {
        for row in 0..<rows {
            for index in texts.indices {
                if index > 0 { buffer.append(options.delimiter) }
                if texts[index].isNull(row) {
                    if !nullText.isEmpty { nullText.withUnsafeBytes { buffer.append($0) } }
                    continue
                }
                let start = buffer.count
                texts[index].append(row, to: buffer)
                if isForced[index] || isChecked[index] {
                    quote(from: start, isForced: isForced[index], isChecked: isChecked[index])
                }
            }
            buffer.append(CSVDialect.newline)
            if buffer.count >= CSVWriter.flushSize {
                do { try flush(always: true) } catch { return error }
            }
        }
        return nil
    }

    /// Writes what is left and gives the file its name.
    package func finish() throws(ZLError) {
        try flush(always: true)
        try output.commit()
    }

    private func flush(always: Bool) throws(ZLError) {
        guard always || buffer.count >= CSVWriter.flushSize else { return }
        try output.write(buffer.bytes)
        buffer.removeAll()
    }

    /// Puts quotes around what was written from `start` on, if it needs them.
    private func quote(from start: Int, isForced: Bool, isChecked: Bool) {
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
